// AFI: an XML list of the SVS files of a fluorescence slide, one a channel.
//   <ImageList><Image><Path>slide_DAPI.svs</Path><ID>1234</ID></Image> … </ImageList>

import { children, textAt } from '../../src/containers/xml/element.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import { formatError } from '../../src/core/errors.js';

export interface AfiChannel {
  /** Relative file name, '/' between folders. */
  readonly path: string;
  /** What follows the last underscore of the name: the dye. */
  readonly name?: string;
}

export function parseAfi(bytes: Uint8Array, file: string): AfiChannel[] {
  const root = parseXml(bytes, { lenient: true, file });
  const channels = children(root, 'Image').flatMap((image): AfiChannel[] => {
    const path = textAt(image, 'Path');
    if (!path) return [];
    const relative = path.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
    const name = /_([^_/]+)\.[^./]*$/.exec(relative)?.[1];
    return [{ path: relative, ...(name ? { name } : {}) }];
  });
  if (channels.length === 0) throw formatError('AFI_EMPTY', 'the AFI file lists no images', { file });
  return channels;
}
