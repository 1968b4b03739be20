// Makes a clone ready to run: installs packages where they are missing or differ from package-lock.json, builds where dist is older than
// the sources. Says what it does on stderr and is silent where nothing is to be done. Uses nothing but Node and npm.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildInputs, fingerprint, root, stampFile } from './sources.mjs';

const say = (text) => process.stderr.write(`imgconv set-up: ${text}\n`);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`needs Node.js 20.19 or newer: this is ${process.version}`);
  process.exit(3);
}

/** npm keeps a copy of what it installed; packages for other systems are optional and absent from it. */
function packagesCurrent() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const there = found[path];
    return there ? there.version === entry.version : entry.optional === true || entry.peer === true;
  });
}

function install() {
  say(
    existsSync(join(root, 'node_modules'))
      ? 'updating packages (npm install) …'
      : 'installing packages (npm install) …',
  );
  // Versions are those of package-lock.json, which --no-save leaves as it is. Not `npm ci`: that refuses a lock file that lacks the
  // optional packages of other systems, as one made behind a partial mirror does. No package needs its install script.
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm's own output belongs on stderr: stdout carries data only.
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const run = spawnSync(npm[0], [...npm.slice(1), ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: npm.length === 1 && process.platform === 'win32',
  });
  if (run.status === 0) return;
  say(`npm install failed${run.error ? `: ${run.error.message}` : ''}; is there a network or a filled npm cache?`);
  process.exit(5);
}

function buildCurrent() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint(buildInputs());
}

export async function setUp() {
  checkNode();
  const started = Date.now();
  let busy = false;
  if (!packagesCurrent()) {
    busy = true;
    install();
  }
  if (!buildCurrent()) {
    busy = true;
    say('building …');
    const { buildAll } = await import('./build.mjs');
    try {
      await buildAll();
    } catch (error) {
      say(`the build failed: ${error.message.split('\n')[0]}`);
      process.exit(70);
    }
  }
  if (busy) say(`ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url)) await setUp();
