// Proof that a conversion lost nothing: source and output are read again and compared.

import { openInput } from '../app.js';
import { VERSION } from '../core/version.js';
import { compareDatasets } from './compare.js';
import type { ScanRequest } from './hash.js';
import type { Comparison, Verification } from './schemas.js';

/** Compare two inputs. */
export async function diffInputs(a: string, b: string, request: ScanRequest = {}): Promise<Comparison> {
  const first = await openInput(a, request);
  try {
    const second = await openInput(b, request);
    try {
      return await compareDatasets(first.dataset, second.dataset, { a, b }, request);
    } finally {
      await second.tree.close();
    }
  } finally {
    await first.tree.close();
  }
}

/** Compare a source with what was made of it. */
export async function verifyConversion(
  source: string,
  output: string,
  request: ScanRequest = {},
): Promise<Verification> {
  const comparison = await diffInputs(source, output, request);
  const pixels = comparison.pixels.every(({ planes, equal }) => planes === equal);
  const shapes = comparison.differences.every(({ kind }) => kind === 'metadata');
  return { ...comparison, lossless: pixels && shapes, software: `imgconv ${VERSION}` };
}
