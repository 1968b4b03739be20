import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

/** In order of preference, relative to the opened folder. */
const INDEX_NAMES = [
  'Index.idx.xml',
  'Index.xml',
  'Index.ref.xml',
  'Images/Index.idx.xml',
  'Images/Index.xml',
  'Images/Index.ref.xml',
] as const;

function isIndex(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 1024)).toString('latin1');
  // Wide encodings have a NUL beside every letter.
  return /<(\w+:)?EvaluationInputData[\s>]/.test(text.replaceAll('\0', ''));
}

/** The index of a folder; undefined where it holds none. */
export async function findIndex(input: InputTree): Promise<string | undefined> {
  const names = new Map<string, string>();
  for (const folder of ['', 'Images']) {
    for (const entry of await input.list(folder)) {
      const name = folder ? `${folder}/${entry.name}` : entry.name;
      if (!entry.folder) names.set(name.toLowerCase(), name);
    }
  }
  for (const wanted of INDEX_NAMES) {
    const name = names.get(wanted.toLowerCase());
    if (name === undefined) continue;
    const source = await input.open(name);
    try {
      if (isIndex(await source.read(0, Math.min(1024, source.size)))) return name;
    } finally {
      await source.close();
    }
  }
  return undefined;
}

export const phenix: FormatReader = {
  id: 'phenix',
  name: 'PerkinElmer / Revvity Operetta, Opera Phenix (Harmony)',
  extensions: ['.idx.xml', '.ref.xml', '.xml'],
  structure:
    'A folder with Index.idx.xml (or Index.xml) and one TIFF a plane, beside it or in Images. Open the folder or the index.',
  reads: [
    'Harmony 3 to 7; plates, wells, fields, planes, time points, channels',
    'sparse acquisitions; TIFFs that are missing are listed',
    'wavelengths, objective, exposure, positions, times, illumination, plate type',
  ],
  gaps: ['flat-field profiles are kept as metadata, images are not corrected'],
  probe({ head, isFolder }): Verdict {
    if (isFolder) return { score: 25, why: 'a folder, which may hold a Harmony index' };
    return isIndex(head)
      ? { score: 100, why: 'index of a Harmony measurement' }
      : { score: 0, why: 'no Harmony index' };
  },
  async identify(input): Promise<Verdict> {
    const name = input.isFolder ? await findIndex(input) : undefined;
    return name ? { score: 100, why: `Harmony index ${name}` } : { score: 0, why: 'no Harmony index in it' };
  },
  async open(input, options) {
    const { openPhenix } = await import('./reader.js');
    return openPhenix(input, options);
  },
};
