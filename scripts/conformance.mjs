// `node scripts/conformance.mjs [--check]`: which validator finds which defect. Makes the files with one defect each of test/validate/defects,
// asks imgconv and the judges of .venv (made by `npm run test:interop`) about them, and writes the tables of docs/VALIDATION.md.
// Without .venv only imgconv is asked and nothing is written. Exit code 1 where imgconv misses a defect or refuses a valid file.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { setUp } from './setup.mjs';
import { root } from './sources.mjs';

const page = join(root, 'docs/VALIDATION.md');
const python = join(root, '.venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const folder = mkdtempSync(join(tmpdir(), 'imgconv-conformance-'));

async function load(name) {
  const outfile = join(folder, `${name}.mjs`);
  const entryPoints = [join(root, name)];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return import(pathToFileURL(outfile).href);
}

/** Rows of all tables: what is broken, where it is, which rule should say so. */
async function makeFiles() {
  const store = await load('test/validate/defects/store.ts');
  const ngff = await load('test/validate/defects/ngff.ts');
  const xml = await load('test/validate/defects/ome-xml.ts');
  const tiff = await load('test/validate/defects/ome-tiff.ts');
  const rows = [];
  const add = (kind, id, what, rule, file, rest = {}) =>
    rows.push({ name: `${kind} ${file}`, kind, id, what, rule, file, ...rest });
  for (const version of ['0.4', '0.5']) {
    for (const base of ['image', 'plate']) {
      const file = `${version}-${base}.ome.zarr`;
      store.writeStore(base === 'image' ? store.imageStore(version) : store.plateStore(version), join(folder, file));
      add('ome-zarr', '', `valid ${base}`, undefined, file, { with: version });
    }
    for (const defect of ngff.NGFF_DEFECTS) {
      if (defect.only !== undefined && defect.only !== version) continue;
      const file = `${version}-${defect.id}.ome.zarr`;
      store.writeStore(ngff.broken(defect, version), join(folder, file));
      add('ome-zarr', defect.id, defect.what, defect.rule, file, { with: version });
    }
  }
  const write = (file, content) => writeFileSync(join(folder, file), content);
  write('valid.ome.xml', xml.XML_BASE);
  add('ome-xml', '', 'valid document', undefined, 'valid.ome.xml');
  for (const [id, what, rule, change] of xml.XML_DEFECTS) {
    write(`${id}.ome.xml`, change(xml.XML_BASE));
    add('ome-xml', id, what, rule, `${id}.ome.xml`);
  }
  // Axes c, z, y, x as tifffile names them.
  const shape = [2, 3, 64, 64];
  write('valid.ome.tiff', tiff.omeTiff());
  add('ome-tiff', '', 'valid file', undefined, 'valid.ome.tiff', { with: shape });
  for (const [id, what, rule, knobs] of tiff.TIFF_DEFECTS) {
    write(`${id}.ome.tiff`, tiff.omeTiff(knobs));
    add('ome-tiff', id, what, rule, `${id}.ome.tiff`, { with: shape });
  }
  return rows;
}

function askImgconv(rows) {
  const names = rows.map((row) => join(folder, row.file));
  const args = [join(root, 'bin/imgconv.js'), 'validate', '--level', 'pixels', '--format', 'json', '-'];
  const result = spawnSync(process.execPath, args, { encoding: 'utf8', input: names.join('\n'), maxBuffer: 2 ** 28 });
  const reports = result.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return rows.map((_, i) => reports[i].findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule));
}

function askOthers(rows) {
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(rows));
  const result = spawnSync(python, [join(root, 'test/interop/conformance.py'), folder], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (result.status !== 0) throw new Error(`conformance.py: ${result.stderr.trim().slice(-2000)}`);
  return JSON.parse(result.stdout.trim().split('\n').at(-1));
}

/** One table: defects down, validators across. */
function table(rows, ours, others) {
  const judges = Object.keys(others.rows.find(({ name }) => name === rows[0].name).verdicts);
  const finds = (row, judge) => others.rows.find(({ name }) => name === row.name).verdicts[judge] !== null;
  const mark = (yes) => (yes ? '✓' : '·');
  const defects = rows.filter((row) => row.rule !== undefined);
  const lines = [
    `| | defect | imgconv | ${judges.join(' | ')} |`,
    `|---|---|---|${judges.map(() => '---|').join('')}`,
    ...rows
      .filter((row) => row.rule === undefined)
      .map(
        (row) =>
          `| | *${row.what}* | ${ours.get(row).length === 0 ? 'accepted' : '**refused**'} | ${judges.map((judge) => (finds(row, judge) ? '**refused**' : 'accepted')).join(' | ')} |`,
      ),
    ...defects.map((row) => {
      const found = ours.get(row).includes(row.rule) ? `\`${row.rule}\`` : '·';
      return `| ${row.id} | ${row.what} | ${found} | ${judges.map((judge) => mark(finds(row, judge))).join(' | ')} |`;
    }),
    `| | found of ${defects.length} | ${defects.filter((row) => ours.get(row).includes(row.rule)).length} | ${judges.map((judge) => defects.filter((row) => finds(row, judge)).length).join(' | ')} |`,
  ];
  return lines.join('\n');
}

function rulesTable(rules) {
  const lines = [...rules].map(
    ([id, { severity, advice, clause }]) =>
      `| \`${id}\` | ${severity} | ${advice.replaceAll('|', '\\|')} | ${clause} |`,
  );
  return ['| rule | severity | what to do | where it is written |', '|---|---|---|---|', ...lines].join('\n');
}

function replace(text, name, content) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < 0) throw new Error(`docs/VALIDATION.md has no ${start} … ${end}`);
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

try {
  await setUp();
  mkdirSync(join(folder, 'test/validate/defects'), { recursive: true });
  const rows = await makeFiles();
  const rules = askImgconv(rows);
  const ours = new Map(rows.map((row, i) => [row, rules[i]]));
  const wrong = rows.filter((row) =>
    row.rule === undefined ? ours.get(row).length > 0 : !ours.get(row).includes(row.rule),
  );
  for (const row of wrong)
    process.stdout.write(`imgconv: ${row.name} (${row.what}): ${ours.get(row).join(', ') || 'nothing found'}\n`);
  process.stdout.write(`imgconv: ${rows.length - wrong.length} of ${rows.length} as expected\n`);
  if (wrong.length > 0) process.exitCode = 1;
  if (!existsSync(python)) {
    process.stdout.write('others: skipped, there is no .venv; `npm run test:interop` makes it\n');
  } else {
    const others = askOthers(rows);
    const { RULES } = await load('src/validate/rules.ts');
    const of = (kind, version) =>
      rows.filter((row) => row.kind === kind && (version === undefined || row.with === version));
    let text = readFileSync(page, 'utf8');
    text = replace(
      text,
      'versions',
      `Asked: ${Object.entries(others.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.`,
    );
    text = replace(text, 'ome-zarr 0.5', table(of('ome-zarr', '0.5'), ours, others));
    text = replace(text, 'ome-zarr 0.4', table(of('ome-zarr', '0.4'), ours, others));
    text = replace(text, 'ome-xml', table(of('ome-xml'), ours, others));
    text = replace(text, 'ome-tiff', table(of('ome-tiff'), ours, others));
    text = replace(text, 'rules', rulesTable(RULES));
    if (process.argv.includes('--check')) {
      if (text !== readFileSync(page, 'utf8')) {
        process.stdout.write('docs/VALIDATION.md is out of date: run node scripts/conformance.mjs\n');
        process.exitCode = 1;
      }
    } else writeFileSync(page, text);
    process.stdout.write(`others: ${others.rows.length} files asked about\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
