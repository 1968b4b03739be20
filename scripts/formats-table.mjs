// Writes the generated parts of README.md: the tables of formats (from the registries) and of options (from the flags).
// `--check` changes nothing and fails where they are out of date, or where a reader lacks its page in docs/formats or its NOTES.md.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './sources.mjs';

/** Registries and flags are TypeScript: bundled to a scratch folder and imported; what they load lazily stays unloaded. */
async function load() {
  const contents = `
    export { listFormats } from './src/app.ts';
    export { imageFlags } from './src/cli/flags/image.ts';
    export { ngffFlags } from './src/cli/flags/ngff.ts';
    export { omeTiffFlags } from './src/cli/flags/ome-tiff.ts';
    export { inputFlags, messageFlags, runFlags, selectionFlags } from './src/cli/flags/run.ts';`;
  const outdir = join(root, 'node_modules/.cache', `imgconv-docs-${process.pid}`);
  try {
    await build({
      stdin: { contents, resolveDir: root, loader: 'ts', sourcefile: 'docs.ts' },
      entryNames: 'docs',
      outdir,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'error',
    });
    return await import(pathToFileURL(join(outdir, 'docs.mjs')).href);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** Readers that share a setting share its row. */
function readerOptionsTable(read) {
  const rows = new Map();
  for (const { id, options } of read)
    for (const [key, { values, help }] of Object.entries(options)) {
      const row = rows.get(`${key} ${help}`) ?? [
        `\`${key}\``,
        values ? values.map((v) => `\`${v}\``).join(', ') : 'text',
        help,
        [],
      ];
      row[3].push(`\`${id}\``);
      rows.set(`${key} ${help}`, row);
    }
  const list = [...rows.values()].map(([key, values, help, ids]) => [key, values, help, ids.join(' ')]);
  return table(
    ['key', 'values, default first', 'meaning', 'readers'],
    list.sort((a, b) => (a[0] < b[0] ? -1 : 1)),
  );
}

function formatsTable({ read, write }) {
  const names = (list) => list.map((text) => `\`${text}\``).join(' ');
  const reads = table(
    ['id', 'format', 'extensions', 'what to open', 'reads', 'does not read'],
    read.map((f) => [`\`${f.id}\``, f.name, names(f.extensions), f.structure, f.reads.join('; '), f.gaps.join('; ')]),
  );
  const writes = table(
    ['id', 'format', 'versions', 'extensions', 'command'],
    write.map((f) => [`\`${f.id}\``, f.name, f.versions.join(', '), names(f.extensions), `\`imgconv ${f.command}\``]),
  );
  return `Read:\n\n${reads}\n\nSettings of readers (\`--option key=value\`):\n\n${readerOptionsTable(read)}\n\nWritten:\n\n${writes}`;
}

function optionsTable(flags) {
  const groups = [...new Set(flags.map((flag) => flag.group))];
  return groups
    .map((group) => {
      const rows = flags
        .filter((flag) => flag.group === group)
        .map((flag) => {
          const names = [flag.short, flag.name].filter(Boolean).join(', ');
          const also = flag.aliases ? ` (also ${flag.aliases.map((name) => `\`${name}\``).join(', ')})` : '';
          const more = flag.more ? `. ${flag.more}` : '';
          return [
            `\`${names}${flag.value ? ` ${flag.value}` : ''}\`${also}`,
            `${flag.help}${more}`,
            flag.defaultText ?? '',
          ];
        });
      return `**${group}**\n\n${table(['option', 'meaning', 'default'], rows)}`;
    })
    .join('\n\n');
}

/** Readers that live in the folder of another one. */
const FOLDER = { analyze: 'nifti', oib: 'oif' };

/** What every reader must bring along, and some don't. */
function missingPages(readers) {
  return readers
    .flatMap(({ id }) => [`docs/formats/${id}.md`, `readers/${FOLDER[id] ?? id}/NOTES.md`])
    .filter((path) => !existsSync(join(root, path)));
}

function replacePart(text, name, body) {
  const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no part ${name}`);
  return `${text.slice(0, from + start.length)}\n\n${body}\n\n${text.slice(to)}`;
}

const loaded = await load();
const { imageFlags, ngffFlags, omeTiffFlags, selectionFlags, inputFlags, runFlags, messageFlags } = loaded;
const path = join(root, 'README.md');
const before = readFileSync(path, 'utf8');
const parts = {
  formats: formatsTable(loaded.listFormats()),
  'options of to-ngff': optionsTable(ngffFlags),
  'options of to-ometiff': optionsTable(omeTiffFlags),
  'options of both': optionsTable([...imageFlags, ...selectionFlags, ...inputFlags, ...runFlags, ...messageFlags]),
};
const after = Object.entries(parts).reduce((text, [name, body]) => replacePart(text, name, body), before);
if (process.argv.includes('--check')) {
  const missing = missingPages(loaded.listFormats().read);
  for (const path of missing) process.stderr.write(`${path} is missing\n`);
  if (after !== before) process.stderr.write('README.md is out of date: run `npm run docs:formats`\n');
  process.exitCode = after === before && missing.length === 0 ? 0 : 1;
} else if (after !== before) writeFileSync(path, after);
