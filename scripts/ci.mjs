// What `.ci/run` does, in order: the newcomer's first command, types, lint, rooms, generated tables, tests, interop tests, and the packed
// package in an empty folder on Node 20, 22 and 24. Every step counts as one check, tests count themselves. Last line: `N passed, N failed`.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './sources.mjs';

let passed = 0;
let failed = 0;
const skipped = [];
const started = Date.now();
const scratch = mkdtempSync(join(tmpdir(), 'imgconv-ci-'));

function say(text) {
  process.stdout.write(`${text}\n`);
}

function count(name, ok, detail = '') {
  if (ok) passed++;
  else failed++;
  say(
    `${ok ? 'ok  ' : 'FAIL'} ${name}${detail && !ok ? `: ${detail}` : ''} [${((Date.now() - started) / 1000).toFixed(0)} s]`,
  );
  return ok;
}

function run(command, args, { cwd = root, capture = false, env = {} } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    maxBuffer: 2 ** 28,
  });
  if (result.error) say(`  ${command}: ${result.error.message}`);
  return { ok: result.status === 0, out: result.stdout ?? '', err: result.stderr ?? '' };
}

function step(name, command, args) {
  say(`\n== ${name}`);
  return count(name, run(command, args).ok);
}

/** A small file that a newcomer would try. */
function fixture() {
  const names = ['tiff', 'ome-tiff', 'png'].flatMap((id) => {
    const folder = join(root, 'fixtures', id);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  });
  return names.filter((name) => /\.(tiff?|png)$/.test(name)).sort()[0];
}

/** Tests that vitest counted; a run without its report counts as one failure. */
function countTests(name, ok, file) {
  if (!existsSync(file)) return count(name, false, 'no test report');
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  const broken = report.numFailedTestSuites > 0 && report.numFailedTests === 0;
  const { numPassedTests, numFailedTests, numPendingTests } = report;
  say(`  ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
  return count(name, ok && !broken);
}

function unitTests() {
  say('\n== npm test');
  const file = join(scratch, 'tests.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { ok } = run('npm', ['test', '--', ...reporters]);
  countTests('npm test', ok, file);
}

/** The interop script ends in `N passed, N failed` too, or says why it was skipped. */
function interopTests() {
  say('\n== npm run test:interop');
  const { ok, out, err } = run('npm', ['run', 'test:interop'], { capture: true });
  say(`${out}${err}`.trimEnd());
  const last = [...out.matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  if (last) {
    passed += Number(last[1]);
    failed += Number(last[2]);
  }
  for (const match of `${out}\n${err}`.matchAll(/^.*\bskip(?:ped|ping)\b.*$/gim))
    skipped.push(`interop: ${match[0].trim()}`);
  count('npm run test:interop', ok);
}

function folderSize(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => statSync(join(folder, String(name))))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}

const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

/** Node of a major version: this one, or one from the registry; undefined where it cannot be had. */
function nodeCommand(major) {
  if (process.versions.node.split('.')[0] === String(major)) return [process.execPath];
  const command = ['npx', '-y', '-p', `node@${major}`, 'node'];
  const probe = run(command[0], [...command.slice(1), '--version'], { capture: true, cwd: scratch });
  return probe.ok && probe.out.startsWith(`v${major}.`) ? command : undefined;
}

function packed() {
  say('\n== packed tarball');
  const pack = run('npm', ['pack', '--json', '--pack-destination', scratch], { capture: true });
  const name = readdirSync(scratch).find((file) => file.endsWith('.tgz'));
  if (!count('npm pack', pack.ok && name !== undefined, pack.ok ? '' : pack.err.trim())) return;
  const tarball = join(scratch, name);
  const folder = join(scratch, 'empty');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const install = run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', tarball], {
    capture: true,
    cwd: folder,
  });
  if (!count('install into an empty folder', install.ok, install.ok ? '' : install.err.trim())) return;
  say(`  tarball ${mib(statSync(tarball).size)}, installed ${mib(folderSize(join(folder, 'node_modules')))}`);
  const input = fixture();
  const direct = run('npx', ['--no-install', 'imgconv', '--version'], { capture: true, cwd: folder });
  count('npx imgconv --version', direct.ok && /^imgconv \d/.test(direct.out), direct.err.trim());
  for (const major of [20, 22, 24]) {
    const node = nodeCommand(major);
    if (!node) {
      skipped.push(`smoke run on Node ${major}: it is not installed and the registry does not give it`);
      continue;
    }
    for (const version of ['0.4', '0.5']) {
      const output = join(folder, `out-${major}-${version}.ome.zarr`);
      const args = ['node_modules/imgconv/bin/imgconv.js', 'to-ngff', '-q', '--ngff-version', version, input, output];
      const result = run(node[0], [...node.slice(1), ...args], { capture: true, cwd: folder });
      const made = existsSync(join(output, version === '0.4' ? '.zattrs' : 'zarr.json'));
      // npx may say something of its own.
      const said = result.err.split('\n').filter((line) => line.trim() !== '' && !/^npm (warn|notice) /.test(line));
      count(`Node ${major}: convert to ${version}`, result.ok && made && said.length === 0, said.join('\n'));
    }
  }
}

function newcomer() {
  const input = fixture();
  const output = join(scratch, 'first.ome.zarr');
  say('\n== npm start -- to-ngff');
  const { ok } = run('npm', ['start', '--', 'to-ngff', input ?? 'fixtures', output]);
  count('first command: npm start -- to-ngff', ok && existsSync(join(output, 'zarr.json')));
}

try {
  newcomer();
  step('types', 'npm', ['run', 'types']);
  step('lint', 'npm', ['run', 'lint']);
  step('rooms', 'npm', ['run', 'check:rooms']);
  step('generated tables', process.execPath, ['scripts/formats-table.mjs', '--check']);
  unitTests();
  interopTests();
  packed();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const reason of skipped) say(`skipped: ${reason}`);
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
