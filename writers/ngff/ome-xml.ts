// The one call that makes METADATA.ome.xml.

import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { OmeModel } from '../../src/core/ome.js';
import { VERSION } from '../../src/core/version.js';

/** UTF-8 text. `loss` is told what the schema would have refused. */
export async function renderOmeXml(
  model: OmeModel,
  original: readonly OriginalMetadata[],
  loss: (text: string) => void,
): Promise<Uint8Array> {
  const { encodeOmeXml } = await import('../../src/containers/ome-xml/write.js');
  return encodeOmeXml(model, { pixels: 'metadata-only', original, creator: `imgconv ${VERSION}`, loss });
}
