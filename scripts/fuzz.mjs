// `npm run fuzz -- ID … [--seconds 60] [--seed N] [--all]`: opens damaged copies of a reader's fixtures and reads a little of them, the way the
// program does, in a child process. Anything but values or a clear error is a bug: an exception, blame `internal`, more than 5 s, 1 GiB
// of memory, or far more bytes read than there are. Each bug's input, with as few edits as still fail, stays in the folder that is printed.

import { fork } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { root } from './sources.mjs';

const CASE_MS = 5000;
const MEMORY = 2 ** 30;
const READS = 2 ** 26;
/** A child is renewed now and then, so that its memory is that of recent cases. */
const CASES_PER_CHILD = 400;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean' },
  },
});
const seconds = Number(values.seconds);
const firstSeed = Number(values.seed);
if ((positionals.length === 0 && !values.all) || !(seconds > 0) || !Number.isInteger(firstSeed)) {
  process.stderr.write('usage: npm run fuzz -- ID … [--seconds 60] [--seed N] [--all]\n');
  process.exit(2);
}

const cache = join(root, 'node_modules/.cache', `imgconv-fuzz-${process.pid}`);
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
await build({
  entryPoints: { child: join(root, 'src/testing/fuzz-child.ts') },
  outdir: cache,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  sourcemap: 'inline',
  define: { __IMGCONV_VERSION__: JSON.stringify(version) },
  logLevel: 'error',
});
copyFileSync(join(root, 'dist/kernels.wasm'), join(cache, 'kernels.wasm'));
writeFileSync(join(cache, 'serve.mjs'), `import { serve } from './child.mjs';\nserve();\n`);
const { applyEdits, fewestEdits, fixtureInputs, randomEdits, readers, seeded, unpackArchive } = await import(
  pathToFileURL(join(cache, 'child.mjs')).href
);

/** One child at a time; asks it, and ends it where it takes too long. */
class Judge {
  #child;
  #cases = 0;

  #start() {
    this.#cases = 0;
    this.#child = fork(join(cache, 'serve.mjs'), {
      execArgv: ['--max-old-space-size=512', '--enable-source-maps'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  }

  /** @returns the bug in one line and the stack, or what came of the case */
  ask(task, size) {
    if (!this.#child || this.#cases++ > CASES_PER_CHILD) {
      this.end();
      this.#start();
    }
    const child = this.#child;
    return new Promise((resolve) => {
      const done = (answer) => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (answer.ends) this.end();
        resolve(answer);
      };
      const timer = setTimeout(() => done({ bug: `takes more than ${CASE_MS / 1000} s`, ends: true }), CASE_MS);
      child.on('message', (answer) => {
        if (answer.bug) done(answer);
        else if (answer.memory > MEMORY) done({ bug: 'takes more than 1 GiB of memory', ends: true });
        else if (answer.bytesRead > READS + 64 * size) done({ bug: 'reads far more bytes than there are' });
        else done(answer);
      });
      child.on('error', (error) => done({ bug: `child: ${error.message}`, ends: true }));
      child.on('exit', (code, signal) => done({ bug: `process dies: ${signal ?? `exit code ${code}`}`, ends: true }));
      child.send(task);
    });
  }

  end() {
    this.#child?.removeAllListeners();
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

/** Inputs in a copy of their folder; archives of folders also unpacked. */
async function prepare(id, work) {
  const inputs = fixtureInputs(id, join(root, 'fixtures'));
  const list = [];
  for (const { folder, name, files } of inputs) {
    for (const top of new Set([name, ...files].map((file) => file.split('/')[0])))
      cpSync(join(folder, top), join(work, top), { recursive: true });
    list.push({ path: join(work, name), main: join(work, name), files: files.map((file) => join(work, file)) });
    if (!name.endsWith('.zip')) continue;
    const target = join(work, 'unpacked', name.replace(/\.zip$/, ''));
    const inside = await unpackArchive(join(folder, name), target);
    list.push({ path: target, files: inside.map((file) => join(target, file)) });
  }
  return list;
}

/** What to damage: the opened file mostly, else one that belongs to it. */
function pickFile({ main, files }, next) {
  const isFile = main !== undefined && statSync(main).isFile();
  return isFile && next() < 0.75 ? main : files[Math.floor(next() * files.length)];
}

async function fuzz(id, judge, saved) {
  const work = mkdtempSync(join(tmpdir(), 'imgconv-fuzz-work-'));
  const bugs = new Map();
  const results = new Map();
  let cases = 0;
  try {
    const inputs = await prepare(id, work);
    const end = Date.now() + seconds * 1000;
    for (let seed = firstSeed; inputs.length > 0 && Date.now() < end; seed++, cases++) {
      const next = seeded(Math.imul(seed, 0x9e3779b1));
      for (let i = 0; i < 3; i++) next();
      const input = inputs[Math.floor(next() * inputs.length)];
      const file = pickFile(input, next);
      const whole = new Uint8Array(readFileSync(file));
      const edits = randomEdits(whole, next);
      const task = { path: input.path, reader: next() < 0.5 ? id : undefined };
      const attempt = async (some) => {
        writeFileSync(file, applyEdits(whole, some));
        return judge.ask(task, whole.length);
      };
      try {
        const answer = await attempt(edits);
        if (!answer.bug) results.set(answer.result, (results.get(answer.result) ?? 0) + 1);
        else if (bugs.has(answer.bug)) bugs.get(answer.bug).times++;
        else {
          const few = await fewestEdits(edits, async (some) => (await attempt(some)).bug === answer.bug);
          const place = join(saved, `${id}-${seed}`, file.slice(work.length + 1));
          mkdirSync(dirname(place), { recursive: true });
          writeFileSync(place, applyEdits(whole, few));
          bugs.set(answer.bug, { seed, place, times: 1, edits: few, stack: answer.stack, reader: task.reader });
        }
      } finally {
        writeFileSync(file, whole);
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const values = results.get('values') ?? 0;
  const say = (text) => process.stdout.write(`${text}\n`);
  say(`${id}: ${cases} cases, ${values} with values, ${results.size} kinds of result, ${bugs.size} bugs`);
  for (const [bug, { seed, place, times, edits, stack, reader }] of bugs) {
    say(`  BUG (${times}×) ${bug}${reader ? ` [--reader ${reader}]` : ''}`);
    say(`    seed ${seed}; ${place}`);
    say(
      `    ${edits.map((e) => `at ${e.at}: -${e.remove} +${Buffer.from(e.insert.subarray(0, 16)).toString('hex')}`).join('; ')}`,
    );
    for (const line of (stack ?? '')
      .split('\n')
      .filter((each) => each.trim().startsWith('at '))
      .slice(0, 4))
      say(`   ${line.replace(`${fileURLToPath(pathToFileURL(root))}/`, '')}`);
  }
  return bugs.size;
}

if (!existsSync(join(root, 'dist/kernels.wasm'))) process.stderr.write('run `npm run build` first\n');
const ids = values.all ? readers.map((reader) => reader.id) : positionals;
const saved = mkdtempSync(join(tmpdir(), 'imgconv-fuzz-'));
const judge = new Judge();
let found = 0;
for (const id of ids) found += await fuzz(id, judge, saved);
judge.end();
process.stdout.write(found > 0 ? `inputs of the bugs: ${saved}\n` : 'no bugs\n');
if (found === 0) rmSync(saved, { recursive: true });
process.exitCode = found > 0 ? 1 : 0;
