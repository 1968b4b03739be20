// The licence texts of the packages that the bundle contains; a package without a permissive licence stops the build.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './sources.mjs';

const PERMISSIVE =
  /^\(?(MIT|MIT-0|ISC|BSD-2-Clause|BSD-3-Clause|0BSD|Apache-2\.0|Zlib|BlueOak-1\.0\.0|Unlicense|CC0-1\.0)\b/;

/** Folders of packages below node_modules that a list of bundled files (esbuild metafile inputs) comes from. */
function packagesOf(inputs) {
  const found = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) found.add(match[1]);
  }
  return [...found].sort();
}

function licenceText(folder) {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  return names.sort().map((name) => readFileSync(join(folder, name), 'utf8').trim());
}

export function thirdPartyLicenses(inputs) {
  const parts = packagesOf(inputs).map((path) => {
    const folder = join(root, path);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const licence = typeof manifest.license === 'string' ? manifest.license : (manifest.license?.type ?? 'none');
    if (!PERMISSIVE.test(licence))
      throw new Error(`${manifest.name}: licence not on the list of permissive ones: ${licence}`);
    const author = typeof manifest.author === 'string' ? manifest.author : (manifest.author?.name ?? '');
    const texts = licenceText(folder);
    const body = texts.length > 0 ? texts.join('\n\n') : `${licence}${author ? `, by ${author}` : ''}`;
    return `${manifest.name} ${manifest.version} (${licence})\n\n${body}\n`;
  });
  const head = 'imgconv contains code of these packages, unchanged, under their own licences.\n';
  return [head, ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}
