// Compiles src/kernels/assembly to one WASM file. Alone: node scripts/build-kernels.mjs [outFile]

import { mkdir, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Compile the kernels to `outFile` (default dist/kernels.wasm). Throws with the compiler's messages. */
export async function buildKernels(outFile = resolve(root, 'dist/kernels.wasm')) {
  await mkdir(dirname(outFile), { recursive: true });
  // Written aside, then renamed: whoever loads the old file meanwhile gets a whole one.
  const temporary = `${outFile}.${process.pid}.wasm`;
  const { error, stderr } = await asc.main(
    [
      resolve(root, 'src/kernels/assembly/index.ts'),
      '--outFile',
      temporary,
      '--runtime',
      'stub',
      '--optimizeLevel',
      '3',
      '--noAssert',
      '--enable',
      'simd',
      '--initialMemory',
      '4',
    ],
    {},
  );
  if (error) throw new Error(`kernels do not compile\n${stderr.toString()}`, { cause: error });
  await rename(temporary, outFile);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildKernels(process.argv[2] && resolve(process.argv[2]));
}
