// MB of pixels per second of CPU time (user + system, best of several runs) for every kernel and byte codec, on synthetic microscopy:
//   node scripts/bench-kernels.mjs [only names with this text]
// f16: blobs and shot noise, 16 bits · rgb: smooth stain with correlated noise, 8 bits × 3. 1 MiB a call, cache-warm.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildKernels } from './build-kernels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'tmp', `bench-${process.pid}`);
const only = process.argv[2] ?? '';

mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
await buildKernels(join(folder, 'kernels.wasm'));
await build({
  stdin: {
    contents: `export { loadKernels } from './src/kernels/load.ts'; export { codecTable } from './src/codecs/table.ts';`,
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile: join(folder, 'codecs.mjs'),
  logLevel: 'error',
});
const { loadKernels, codecTable } = await import(join(folder, 'codecs.mjs'));
const kernels = await loadKernels();
const { x } = kernels;

let state = 1;
const next = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
/** About normal, mean 0, deviation 1. */
const normal = () => next() + next() + next() + next() + next() + next() - 3;

const SIDE = 724;
const f16 = new Uint16Array(SIDE * SIDE);
for (let i = 0; i < f16.length; i++) {
  const y = Math.floor(i / SIDE);
  const signal = 150 + 2500 * Math.max(0, Math.sin((i % SIDE) / 40) * Math.sin(y / 33)) ** 4;
  f16[i] = signal + Math.sqrt(signal) * normal() * 1.4 + 3 * normal();
}
const RGB_SIDE = 590;
const rgb = new Uint8Array(RGB_SIDE * RGB_SIDE * 3);
for (let i = 0, ground = 0; i < rgb.length; i++) {
  const y = Math.floor(i / 3 / RGB_SIDE);
  const at = (Math.floor(i / 3) % RGB_SIDE) / 50;
  if (i % 3 === 0) ground = 0.8 * ground + normal() * 3;
  rgb[i] = 190 + 25 * Math.sin(at + (i % 3)) * Math.cos(y / 60) + ground + normal();
}

function measure(name, bytes, run) {
  if (!name.includes(only)) return;
  let best = Number.POSITIVE_INFINITY;
  let calls = 1;
  for (let round = 0; round < 7; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < calls; i++) run();
    const { user, system } = process.cpuUsage(start);
    const micros = user + system;
    if (micros < 40_000) {
      calls = Math.ceil((calls * 60_000) / Math.max(micros, 500));
      if (round < 6) round--;
      continue;
    }
    best = Math.min(best, micros / calls);
  }
  console.log(`${name.padEnd(44)} ${(bytes / best).toFixed(0).padStart(7)} MB/s`);
}

const bytes16 = f16.byteLength;
const src = kernels.alloc(2 ** 21);
const dst = kernels.alloc(2 ** 22);
const spare = kernels.alloc(2 ** 20);
const put = (array) => kernels.view(src, array.byteLength).set(new Uint8Array(array.buffer, 0, array.byteLength));

put(f16);
measure('copyRows 512 bytes', bytes16, () => x.copyRows(dst, 600, src, 512, 512, Math.floor(bytes16 / 512)));
measure('swap16', bytes16, () => x.swap16(dst, bytes16));
measure('gather 1 of 3, u8', rgb.length, () => {
  for (let c = 0; c < 3; c++) x.gather(dst, RGB_SIDE, src + c, 3 * RGB_SIDE, 3, RGB_SIDE, RGB_SIDE, 1);
});
measure('scatter 1 of 3, u8', rgb.length, () => {
  for (let c = 0; c < 3; c++) x.scatter(dst + c, 3 * RGB_SIDE, 3, src, RGB_SIDE, RGB_SIDE, RGB_SIDE, 1);
});
measure('gather transposed, u16', bytes16, () => x.gather(dst, 2 * SIDE, src, 2, 2 * SIDE, SIDE, SIDE, 2));
for (const [type, index, size] of [
  ['u8', 0, 1],
  ['u16', 2, 2],
  ['i16', 3, 2],
  ['u32', 4, 4],
  ['f32', 8, 4],
]) {
  const width = (SIDE * 2) / size;
  // Integers read as floats would be denormals, which are slow.
  if (type === 'f32') put(Float32Array.from({ length: f16.length / 2 }, (_, i) => f16[i]));
  measure(`halveMean ${type}`, bytes16, () => x.halveMean(index, dst, SIDE, src, 2 * SIDE, width, SIDE, 1, 0));
  measure(`minMax ${type}`, bytes16, () => x.minMax(index, src, 2 * SIDE, width, SIDE, spare));
}
put(f16);
measure('halveMode u8', bytes16, () => x.halveMode(1, dst, SIDE, src, 2 * SIDE, 2 * SIDE, SIDE));
for (const size of [2, 4, 8]) {
  measure(`shuffle ${size}`, bytes16, () => x.shuffle(dst, src, bytes16, size));
  measure(`unshuffle ${size}`, bytes16, () => x.unshuffle(dst, src, bytes16, size));
}
measure('bitShuffle 2', bytes16, () => x.bitShuffle(dst, src, bytes16, 2));
measure('bitUnshuffle 2', bytes16, () => x.bitUnshuffle(dst, src, bytes16, 2));
measure('undoPredictor u16', bytes16, () => x.undoPredictor(src, SIDE, SIDE, 1, 2));
measure('applyPredictor u16', bytes16, () => x.applyPredictor(src, SIDE, SIDE, 1, 2));
measure('undoPredictor rgb8', rgb.length, () => x.undoPredictor(src, RGB_SIDE, RGB_SIDE, 3, 1));
measure('applyPredictor rgb8', rgb.length, () => x.applyPredictor(src, RGB_SIDE, RGB_SIDE, 3, 1));
measure('undoFloatPredictor f32', bytes16, () => x.undoFloatPredictor(dst, src, SIDE, SIDE / 2, 1, 4));
measure('unpackBits 12 (output bytes)', bytes16, () => x.unpackBits(dst, src, SIDE, SIDE, 12));
measure('unpackBits 10 (output bytes)', bytes16, () => x.unpackBits(dst, src, SIDE, SIDE, 10));
measure('halfToFloat (input bytes)', bytes16, () => x.halfToFloat(dst, src, SIDE * SIDE));
measure('crc32c', bytes16, () => x.crc32c(src, bytes16));
measure('xxh64', bytes16, () => x.xxh64(src, bytes16));

put(f16);
x.applyPredictor(src, SIDE, SIDE, 1, 2);
const predicted = kernels.view(src, bytes16).slice();
put(f16);
x.shuffle(dst, src, bytes16, 2);
const shuffled = kernels.view(dst, bytes16).slice();

const images = [
  ['f16', new Uint8Array(f16.buffer), { width: SIDE, height: SIDE, samples: 1, type: 'uint16' }],
  ['f16 predicted', predicted, { width: SIDE, height: SIDE, samples: 1, type: 'uint16' }],
  ['f16 shuffled', shuffled, { width: SIDE, height: SIDE, samples: 1, type: 'uint16' }],
  ['rgb', rgb, { width: RGB_SIDE, height: RGB_SIDE, samples: 3, type: 'uint8' }],
];
const steps = [
  { id: 'lzw' },
  { id: 'packbits' },
  { id: 'lz4', acceleration: 1 },
  { id: 'lz4', acceleration: 5 },
  { id: 'blosc', cname: 'lz4', clevel: 5 },
  { id: 'blosc', cname: 'lz4', clevel: 5, shuffle: 2 },
  { id: 'blosc', cname: 'zstd', clevel: 1 },
  { id: 'zstd', level: 1 },
  { id: 'zstd', level: 3 },
  ...[1, 4, 6, 9].map((level) => ({ id: 'deflate', level })),
];
for (const step of steps) {
  const codec = await codecTable.get(step.id)();
  for (const [name, data, extent] of images) {
    const block = { ...extent, depth: 1, bytes: data.length };
    const context = { kernels, block, position: [0, 0, 0, 0, 0], maxBytes: 2 ** 30 };
    const input = kernels.view(kernels.place(data, `bench ${name}`), data.length);
    const packed = (await codec.encode(input, step, context)).slice();
    const { id, ...rest } = step;
    const label = `${id} ${Object.values(rest).join(' ')} ${name}`;
    measure(`${label} encode, ratio ${(data.length / packed.length).toFixed(2)}`, data.length, () =>
      codec.encode(kernels.view(input.byteOffset, data.length), step, context),
    );
    measure(`${label} decode`, data.length, () => codec.decode(packed, step, context));
  }
}
