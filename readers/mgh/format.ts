import { gunzipStart, isGzip } from '../../src/containers/gzip/head.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { looksLikeMgh } from './header.js';

export const mgh: FormatReader = {
  id: 'mgh',
  name: 'FreeSurfer MGH',
  extensions: ['.mgh.gz', '.mgh', '.mgz'],
  structure: 'One file, .mgh or compressed as .mgz.',
  reads: ['uint8, int16, int32, float; frames as time points'],
  gaps: ['orientation and the trailer of tags are kept as metadata as far as they are numbers'],
  probe({ head, name, isFolder }): Verdict {
    const bytes = isFolder ? undefined : isGzip(head) ? gunzipStart(head) : head;
    if (!bytes || !looksLikeMgh(bytes)) return { score: 0, why: 'no MGH header' };
    return /\.mg[hz](\.gz)?$/i.test(name)
      ? { score: 100, why: 'MGH header and name' }
      : { score: 75, why: 'plausible MGH header' };
  },
  async open(input, options) {
    const { openMgh } = await import('./reader.js');
    return openMgh(input, options);
  },
};
