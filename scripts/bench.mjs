// npm run bench [-- ROW …]: races imgconv against other converters on the same inputs, in pairs, in one run.
// Needs ../shared/bench (inputs, reference converter, race) and Python with numpy, scipy, tifffile, imagecodecs, tensorstore;
// (and pyvips with pyvips-binary for the rows `TIFF`). IMGCONV_BENCH_PYTHON names that Python (default: .venv/bin/python, then python3),
// IMGCONV_BENCH_INPUTS the folder of the inputs, IMGCONV_BENCH_DIR that of the outputs.
// Rows CZI, ND2, SVS and DICOM compare with the bare decoding of the files' blocks instead: scripts/bench-formats.py.
// Trust ratios of one run: machines are noisy.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(root, '../shared/bench');
const inputs = process.env.IMGCONV_BENCH_INPUTS ?? join(root, '.cache/bench');
const venv = join(root, '.venv/bin/python');
const python = process.env.IMGCONV_BENCH_PYTHON ?? (existsSync(venv) ? venv : 'python3');
const imgconv = `${process.execPath} ${join(root, 'bin/imgconv.js')}`;
const reference = `${python} ${join(shared, 'reference.py')}`;
const rounds = process.env.IMGCONV_BENCH_ROUNDS ?? '3';

const FILES = {
  'B raw': ['B', 'B_raw.ome.tif'],
  'B LZW': ['B', 'B_lzw.ome.tif'],
  'A jpeg': ['A', 'A_jpeg.tif'],
  'A deflate': ['A', 'A_deflate.tif'],
  C: ['C', 'C_raw.ome.tif'],
};
const SAME = '--ngff-version 0.4 --compression blosc --quiet --no-minmax';

/** Row name to racers; the first is the yardstick. */
function racers(file) {
  const to04 = `${imgconv} to-ngff ${file} {out} ${SAME}`;
  return [
    ['reference', `${reference} ${file} {out}`],
    ['imgconv 0.4', to04],
    ['imgconv 0.4 minmax', `${imgconv} to-ngff ${file} {out} --ngff-version 0.4 --quiet`],
    ['imgconv 0.4 1 thread', `${to04} --max-workers 1`],
    [
      'imgconv 0.5 lz4',
      `${imgconv} to-ngff ${file} {out} --compression blosc --compression-properties cname=lz4 --compression-properties clevel=5 --quiet --no-minmax`,
    ],
    ['imgconv 0.5', `${imgconv} to-ngff ${file} {out} --quiet`],
  ];
}

/** Pyramids in TIFF: what another tool needs for the same, then imgconv. */
const TIFF_ROWS = {
  'TIFF: B raw to deflate': ['B raw', 'tifffile zlib', '-c deflate'],
  'TIFF: B raw to LZW': ['B raw', 'tifffile lzw', '-c lzw'],
  'TIFF: A jpeg to jpeg': ['A jpeg', 'vips jpeg', ''],
  'TIFF: A deflate to deflate': ['A deflate', 'vips deflate', ''],
};

function tiffRacers(file, other, options) {
  return [
    [other, `${python} ${join(root, 'scripts/bench-tiff.py')} ${other} ${file} {out}`],
    ['imgconv', `${imgconv} to-ometiff ${file} {out} --quiet ${options}`],
  ];
}

function race(name, list) {
  console.log(`\n${name}`);
  const where = process.env.IMGCONV_BENCH_DIR;
  const args = [
    join(shared, 'race.py'),
    '-n',
    rounds,
    ...(where ? ['--dir', where] : []),
    ...list.map(([label, command]) => `${label}=${command}`),
  ];
  const { status } = spawnSync(python, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

if (!existsSync(join(shared, 'race.py'))) {
  console.log('skipped: ../shared/bench is not here');
  process.exit(0);
}
const wanted = process.argv.slice(2);
const isWanted = (name) =>
  wanted.length === 0 || wanted.includes(name) || (wanted.includes('TIFF') && name in TIFF_ROWS);
const rows = Object.keys(FILES).filter(isWanted);
const tiffRows = Object.keys(TIFF_ROWS).filter(isWanted);
mkdirSync(inputs, { recursive: true });
const missing = new Set(
  [...rows, ...tiffRows.map((name) => TIFF_ROWS[name][0])]
    .map((name) => FILES[name])
    .filter(([, file]) => !existsSync(join(inputs, file)))
    .map(([set]) => set),
);
if (missing.size > 0) {
  const made = spawnSync(python, [join(shared, 'make_inputs.py'), inputs, ...missing], { stdio: 'inherit' });
  if (made.status !== 0) process.exit(1);
}
for (const name of rows) race(name, racers(join(inputs, FILES[name][1])));
for (const name of tiffRows) {
  const [file, other, options] = TIFF_ROWS[name];
  race(name, tiffRacers(join(inputs, FILES[file][1]), other, options));
}
const formats = ['CZI', 'ND2', 'SVS', 'DICOM'].filter(isWanted);
if (formats.length > 0) {
  const script = join(root, 'scripts/bench-formats.py');
  const args = [script, inputs, rounds, process.env.IMGCONV_BENCH_DIR ?? '', imgconv, ...formats];
  const { status } = spawnSync(python, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
if (wanted.length === 0 || wanted.includes('start')) {
  race('start-up', [
    ['empty node', `${process.execPath} -e 0`],
    ['imgconv --version', `${imgconv} --version`],
    ['imgconv tiny', `${imgconv} to-ngff ${join(inputs, 'tiny.ome.tif')} {out} --quiet`],
  ]);
}
