// A hierarchy in a ZIP archive. OME-NGFF RFC-9 (.ozx) · PKWARE APPNOTE 6.3.10.

import type { ZipStore } from '../../containers/zarr/zip-store.js';
import { STORED } from '../../containers/zip/archive.js';
import type { Report } from '../report.js';

export async function checkArchive(store: ZipStore, report: Report): Promise<void> {
  const { archive, root } = store;
  const entries = [...archive.entries.values()];
  if (root !== '') report.add('ZIP_ROOT', '', `the hierarchy lies in the folder ${root}`);
  const packed = entries.filter((entry) => entry.method !== STORED && entry.size > 0);
  if (packed.length > 0)
    report.add(
      'ZIP_PACKED',
      '',
      `${packed.length} of ${entries.length} entries are compressed, ${packed[0]!.name} the first`,
    );
  const isOzx = archive.source.name.toLowerCase().endsWith('.ozx');
  if (!isOzx) return;
  if (entries[0]?.name !== 'zarr.json')
    report.add('ZIP_ORDER', '', `the first entry is ${entries[0]?.name ?? 'none'}, not zarr.json`);
  const firstChunk = entries.findIndex(({ name }) => !name.endsWith('zarr.json') && !name.endsWith('/'));
  const late = entries.findIndex(({ name }, i) => firstChunk >= 0 && i > firstChunk && name.endsWith('zarr.json'));
  if (late >= 0) report.add('ZIP_ORDER', '', `${entries[late]!.name} comes after chunks`);
}
