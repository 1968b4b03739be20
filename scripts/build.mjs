// Builds dist/: main.js (command line), worker.js (engine threads), chunks they share, kernels.wasm, licences of bundled packages, imgconv.1 (manual).
// Packages named in `dependencies` stay outside the bundle (they bring wasm or native files); all others are bundled.
// `--clean` also removes chunks of earlier builds at once; else they live for ten more minutes, for processes that still run on them.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { sharedChunk } from './build-shared.mjs';
import { thirdPartyLicenses } from './licenses.mjs';
import { buildInputs, dist, fingerprint, listFiles, root, stampFile } from './sources.mjs';

/**
 * CommonJS packages in the bundle ask for Node's own modules through require(). child_process, which commander asks for at once and which
 * nothing here uses, would take 3 ms of every start: it loads when a member of it is touched.
 */
const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const __nodeRequire = __createRequire(import.meta.url);
const require = (id) => id === 'node:child_process' ? new Proxy({}, { get: (_, key) => __nodeRequire(id)[key] }) : __nodeRequire(id);`;

const KEEP_MS = 10 * 60 * 1000;

function writeWhole(path, contents) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

async function bundle(manifest) {
  const worker = join(root, 'src/pipeline/worker.ts');
  const options = {
    absWorkingDir: root,
    entryPoints: { main: join(root, 'src/cli/main.ts'), ...(existsSync(worker) ? { worker } : {}) },
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Shared chunks lie beside main.js, so that URLs relative to import.meta.url mean the same everywhere.
    chunkNames: '[name]-[hash]',
    external: Object.keys(manifest.dependencies ?? {}),
    define: { __IMGCONV_VERSION__: JSON.stringify(manifest.version) },
    banner: { js: REQUIRE },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  };
  const first = await build(options);
  const result = await build({ ...options, plugins: [sharedChunk(first.metafile)] });
  // Chunks first: an entry never names a chunk that is not there yet.
  const isEntry = (file) => /[\\/](main|worker)\.js$/.test(file.path);
  for (const file of result.outputFiles.filter((f) => !isEntry(f))) writeWhole(file.path, file.contents);
  for (const file of result.outputFiles.filter(isEntry)) writeWhole(file.path, file.contents);
  writeWhole(join(dist, 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(Object.keys(first.metafile.inputs)));
  return result.outputFiles.map((file) => basename(file.path));
}

/** Kernels take seconds to compile: only when their sources have changed. */
async function kernels() {
  const script = join(root, 'scripts/build-kernels.mjs');
  if (!existsSync(script)) return;
  const stamp = join(dist, '.kernels-stamp');
  const wanted = fingerprint([...listFiles('src/kernels/assembly'), script]);
  const target = join(dist, 'kernels.wasm');
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const { buildKernels } = await import('./build-kernels.mjs');
  try {
    await buildKernels(target);
  } catch (error) {
    // Half-edited kernels must not stop work on all else; a clean clone has no older file and fails here.
    if (!existsSync(target)) throw error;
    process.stderr.write(`kernels.wasm is the older one: ${error.message}\n`);
    return;
  }
  writeWhole(stamp, wanted);
}

/** The manual page comes from the program itself: the same definitions as its help. */
function manual() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/imgconv.js'), 'help', '--man']);
  if (status !== 0) throw new Error(`no manual page: ${stderr}`);
  writeWhole(join(dist, 'imgconv.1'), stdout);
}

function removeOld(current, clean) {
  const keep = new Set([
    ...current,
    'imgconv.1',
    'THIRD-PARTY-LICENSES.txt',
    'kernels.wasm',
    '.kernels-stamp',
    '.build-stamp',
  ]);
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    if (!keep.has(name) && (clean || Date.now() - statSync(path).mtimeMs > KEEP_MS)) rmSync(path, { recursive: true });
  }
}

export async function buildAll({ clean = false } = {}) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Taken before the build: a file that changes meanwhile makes the next run build again.
  const stamp = fingerprint(buildInputs());
  mkdirSync(dist, { recursive: true });
  await kernels();
  removeOld(await bundle(manifest), clean);
  manual();
  writeWhole(stampFile, stamp);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await buildAll({ clean: process.argv.includes('--clean') });
  } catch (error) {
    // esbuild has printed where; its own stack helps nobody.
    process.stderr.write(`build failed: ${error.errors ? error.message.split('\n')[0] : error.stack}\n`);
    process.exitCode = 1;
  }
}
