// The one call that makes METADATA.ome.xml.

import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { OmeModel } from '../../src/core/ome.js';

export async function renderOmeXml(model: OmeModel, original: readonly OriginalMetadata[]): Promise<string> {
  const door = '../../src/containers/ome-xml/write.js';
  const { writeOmeXml } = await import(/* @vite-ignore */ door);
  return writeOmeXml(model, { pixels: 'metadata-only', original });
}
