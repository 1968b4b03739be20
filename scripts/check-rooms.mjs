// The house rules that a compiler does not know: which room may import which, one door for each third-party package, who may touch files,
// sockets and the process, and how long a file may be. Prints every breach; exit code 1 if there is one.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inside, listFiles, root } from './sources.mjs';

const MAX_LINES = 500;
/** Files that may be longer: tables and the like. Path → reason. */
const LONG_FILES = new Map([]);

/** Room → rooms that it may import besides itself. A trailing `(types)` allows type imports alone. */
const MAY_IMPORT = {
  core: [],
  io: ['core'],
  containers: ['core', 'codecs'],
  kernels: ['core'],
  codecs: ['core', 'kernels'],
  pipeline: ['core', 'codecs', 'kernels', 'io'],
  validate: ['core', 'io', 'containers', 'codecs(types)', 'kernels', 'pipeline'],
  testing: ['app', 'core', 'io', 'containers', 'pipeline', 'readers'],
  app: ['core', 'io', 'validate', 'pipeline', 'codecs', 'containers', 'kernels', 'readers', 'writers'],
  cli: ['app', 'core'],
  readers: ['core', 'containers', 'codecs(types)'],
  writers: ['core', 'containers', 'pipeline', 'codecs(types)'],
};

/** Node's own modules that only some rooms may use. */
const GUARDED_BUILTINS = [
  { pattern: /^(node:)?(fs|fs\/promises)$/, rooms: ['io', 'kernels'] },
  { pattern: /^(node:)?(net|http|https|http2|tls|dgram|dns)$/, rooms: ['io'] },
  { pattern: /^(node:)?child_process$/, rooms: [] },
  { pattern: /^(node:)?worker_threads$/, rooms: ['pipeline'] },
];
/** What only the command line may do: talk to the user and end the process. */
const GUARDED_CODE = [
  { pattern: /\bprocess\.(on|once|off)\b/, rooms: ['cli', 'io'], what: 'process events' },
  {
    pattern: /\bprocess\.(stdout|stderr|stdin|exit|exitCode|argv)\b/,
    rooms: ['cli'],
    what: 'process streams and exit',
  },
  { pattern: /\bconsole\.\w+\(/, rooms: ['cli'], what: 'console' },
  { pattern: /\b(await|return|=)\s+fetch\(/, rooms: ['io'], what: 'fetch' },
];

const IMPORT =
  /(?:^|\n)[ \t]*(import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)(\s*\.\s*\w)?/g;

/** Room of a source file; for readers and writers also the format's folder. */
function roomOf(path) {
  const [top, second, third] = path.split('/');
  if (top === 'readers' || top === 'writers') return { room: top, part: third === undefined ? '' : second };
  if (path === 'src/app.ts' || path.startsWith('src/app/')) return { room: 'app', part: '' };
  return { room: second, part: '' };
}

function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, (c) => c.replace(/[^\n]/g, ' ')).replace(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1');
}

/** Type positions such as `typeof import('x')` and `import('x').Name` count as type imports. */
function importsOf(code) {
  return [...code.matchAll(IMPORT)].map((match) => ({
    name: match[3] ?? match[4],
    typeOnly: match[2] !== undefined || /\btypeof\s+$/.test(code.slice(0, match.index)),
    line: code.slice(0, match.index + (match[0].startsWith('\n') ? 1 : 0)).split('\n').length,
  }));
}

function packageOf(name) {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

const breaches = [];
const doors = new Map();
const files = ['src', 'readers', 'writers']
  .flatMap(listFiles)
  .map(inside)
  .filter((path) => path.endsWith('.ts') && !path.startsWith('src/kernels/assembly/'));

function checkRelative(path, found, from) {
  const target = join(dirname(path), found.name).split('\\').join('/').replace(/\.js$/, '.ts');
  if (/^(test|scripts|fixtures|bin|dist)\//.test(target)) return `imports ${target}: sources never import it`;
  const to = roomOf(target);
  const isIndex = /^(readers|writers)\/index\.ts$/;
  if (from.room === to.room) {
    const crossing =
      (from.room === 'readers' || from.room === 'writers') && from.part !== to.part && !isIndex.test(path);
    return crossing
      ? `imports ${target}: ${from.room} do not know each other; shared code moves down to containers`
      : undefined;
  }
  if (to.room === 'testing') return `imports ${target}: only tests do`;
  const allowed = MAY_IMPORT[from.room] ?? [];
  if (allowed.includes(to.room)) return undefined;
  if (allowed.includes(`${to.room}(types)`))
    return found.typeOnly ? undefined : `imports more than types from ${target}`;
  return `imports ${target}: ${from.room} may import ${allowed.join(', ') || 'nothing'}`;
}

function checkPackage(path, found, from) {
  for (const { pattern, rooms } of GUARDED_BUILTINS) {
    if (!pattern.test(found.name) || rooms.includes(from.room) || from.room === 'testing') continue;
    return `imports ${found.name}: only ${rooms.map((r) => `src/${r}`).join(', ') || 'nobody'} may`;
  }
  if (found.name.startsWith('node:')) return undefined;
  if (found.name.startsWith('data:') || found.name.startsWith('#')) return `imports ${found.name}`;
  const name = packageOf(found.name);
  doors.set(name, (doors.get(name) ?? new Set()).add(path));
  return undefined;
}

for (const path of files) {
  const text = readFileSync(join(root, path), 'utf8');
  const code = withoutComments(text);
  const from = roomOf(path);
  const report = (line, what) => what && breaches.push(`${path}:${line}: ${what}`);
  for (const found of importsOf(code)) {
    report(found.line, found.name.startsWith('.') ? checkRelative(path, found, from) : checkPackage(path, found, from));
  }
  code.split('\n').forEach((line, index) => {
    for (const { pattern, rooms, what } of GUARDED_CODE) {
      if (pattern.test(line) && !rooms.includes(from.room) && from.room !== 'testing')
        report(index + 1, `uses ${what}: only ${rooms.map((r) => `src/${r}`)} may`);
    }
  });
}

for (const [name, users] of doors) {
  if (users.size > 1)
    breaches.push(`package ${name} has ${users.size} doors, should have one: ${[...users].sort().join(', ')}`);
}

const measured = ['src', 'readers', 'writers', 'scripts', 'test', 'bin'].flatMap(listFiles).map(inside);
for (const path of measured.filter((p) => /\.(ts|mjs|js)$/.test(p))) {
  const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1;
  if (lines > MAX_LINES && !LONG_FILES.has(path)) breaches.push(`${path}: ${lines} lines, at most ${MAX_LINES}`);
}

for (const breach of breaches) process.stderr.write(`${breach}\n`);
process.stdout.write(`rooms: ${files.length} files, ${doors.size} packages, ${breaches.length} breaches\n`);
process.exitCode = breaches.length > 0 ? 1 : 0;
