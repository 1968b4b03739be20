import { gunzipStart, isGzip } from '../../src/containers/gzip/head.js';
import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';
import { UNIT } from '../../src/core/reader-options.js';
import { isPairName, partner } from './files.js';
import { type Flavour, recognise } from './header.js';

function flavourOf(head: Uint8Array): Flavour | undefined {
  const bytes = isGzip(head) ? gunzipStart(head) : head;
  return bytes && recognise(bytes)?.flavour;
}

function probe({ head, name, isFolder }: Pick<InputTree, 'head' | 'name' | 'isFolder'>, analyze: boolean): Verdict {
  if (isFolder) return { score: 0, why: 'a folder' };
  const flavour = flavourOf(head);
  if (flavour && (flavour === 'analyze') === analyze) {
    if (!analyze) return { score: 100, why: `${flavour === 'nifti2' ? 'NIfTI-2' : 'NIfTI-1'} magic` };
    return { score: 75, why: 'header of 348 bytes with plausible sizes and type' };
  }
  if (/\.img(\.gz)?$/i.test(name)) return { score: 50, why: 'may be the pixels of a pair; its header is beside it' };
  return { score: 0, why: 'no NIfTI or Analyze header' };
}

/** Pixels are recognised by the header beside them. */
async function identify(input: InputTree, analyze: boolean): Promise<Verdict> {
  const name = isPairName(input.name) ? await partner(input, 'hdr') : undefined;
  if (name === undefined) return { score: 0, why: 'no header beside it' };
  const source = await input.open(name);
  try {
    const flavour = flavourOf(await source.read(0, Math.min(4096, source.size)));
    return flavour && (flavour === 'analyze') === analyze
      ? { score: 75, why: `its header is ${name}` }
      : { score: 0, why: `${name} is no header of this format` };
  } finally {
    await source.close();
  }
}

const STRUCTURE = 'or a pair of .hdr (header) and .img (pixels): open either. Each file may be compressed with gzip.';

export const nifti: FormatReader = {
  id: 'nifti',
  name: 'NIfTI-1 / NIfTI-2',
  extensions: ['.nii.gz', '.hdr.gz', '.img.gz', '.nii', '.hdr', '.img'],
  structure: `One .nii file, ${STRUCTURE}`,
  reads: [
    'both versions, both byte orders, header extensions',
    'all integer and floating-point types, complex numbers (two channels), RGB and RGBA',
    'time series, vectors and matrices (channels)',
  ],
  gaps: [
    '128-bit floating point',
    'scaling (scl_slope) and orientation are kept as metadata, voxels are neither scaled nor resampled',
  ],
  options: { unit: UNIT },
  probe: (input) => probe(input, false),
  identify: (input) => identify(input, false),
  async open(input, options) {
    const { openNifti } = await import('./reader.js');
    return openNifti(input, options);
  },
};

export const analyze: FormatReader = {
  id: 'analyze',
  name: 'Analyze 7.5',
  extensions: ['.hdr.gz', '.img.gz', '.hdr', '.img'],
  structure: `A pair of .hdr (header) and .img (pixels): open either. Each file may be compressed with gzip.`,
  reads: ['both byte orders', 'all types of the format, and the integer types that SPM added'],
  gaps: ['scaling and orientation are kept as metadata'],
  options: { unit: UNIT },
  probe: (input) => probe(input, true),
  identify: (input) => identify(input, true),
  async open(input, options) {
    const { openNifti } = await import('./reader.js');
    return openNifti(input, options);
  },
};
