// A TIFF whose OME-XML is broken or out of reach: runs of equal pages become images with time points, as in a plain TIFF.

import type { OmeDocument, PixelStorage } from '../../src/containers/ome-xml/document.js';
import type { TiffFile } from '../../src/containers/tiff/file.js';
import { describeTags } from '../../src/containers/tiff/metadata.js';
import { describePage, planeKey, type TiffPage } from '../../src/containers/tiff/page.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { OmeImage } from '../../src/core/ome.js';
import { simpleImage } from '../../src/core/ome-build.js';

interface Run {
  readonly page: TiffPage;
  readonly first: number;
  count: number;
}

/** Document that describes the file's pages by their tags alone. */
export async function plainDocument(file: TiffFile): Promise<OmeDocument> {
  const runs: Run[] = [];
  for (const [index, ifd] of file.ifds.entries()) {
    let page: TiffPage;
    try {
      page = await describePage(ifd);
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
      file.report('TIFF_PAGE', 'damage', `a page is left out: ${error.message}`);
      continue;
    }
    const last = runs.at(-1);
    if (last && last.first + last.count === index && planeKey(last.page) === planeKey(page)) last.count++;
    else runs.push({ page, first: index, count: 1 });
  }
  const images: OmeImage[] = [];
  const storage: PixelStorage[] = [];
  for (const [index, { page, first, count }] of runs.entries()) {
    const model = await describeTags(page);
    const { Description: _broken, ...image } = model.image;
    const name = file.source.name.split(/[\\/]/).at(-1);
    images.push(
      simpleImage({
        index,
        name: runs.length > 1 ? `${name} #${index + 1}` : name,
        shape: [count, page.channels, 1, page.height, page.width],
        type: page.type,
        samplesPerPixel: model.channels[0]?.SamplesPerPixel,
        order: 'XYCZT',
        image: { ...image, ExperimenterRef: undefined },
        pixels: model.pixels,
      }),
    );
    storage.push({ tiffData: [{ ifd: first, planeCount: count }], binData: [], metadataOnly: false });
  }
  return { model: { Images: images }, schema: '', storage, original: [], notices: [] };
}
