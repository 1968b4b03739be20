// The official examples and test suites of OME-NGFF, where the shared material lies beside the repository. The suites judge attributes
// alone, so what is missing on the disk does not count.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Loose, Store } from './defects/store.js';
import { check, stored } from './support.js';

const NGFF = '../shared/specs-data/ngff';

const ABSENT = new Set([
  'NGFF_LEVEL_MISSING',
  'NGFF_WELL_MISSING',
  'NGFF_FIELD_MISSING',
  'NGFF_LABEL_MISSING',
  'NGFF_SERIES_MISSING',
  'NGFF_OME_XML_MISSING',
]);

/** Called valid by the suites, but not by the text of the specification. */
const EXCUSED: Readonly<Record<string, string>> = {
  '0.4 valid/mismatch_axes_units.json': 'scale of 2 numbers for 3 axes',
  '0.6rc0 valid/image/mismatch_axes_units.json': 'scale of 2 numbers for 3 axes',
  '0.6rc0 multiscales_strict/multiscales_example_relative.json': 'a fragment: multiscales outside of "ome"',
  '0.6rc0 transformations/displacements/displacement_field.json': 'scale of 2 numbers for 3 axes',
  '0.6rc0 transformations/displacements/multiscales.json': 'a fragment: multiscales outside of "ome"',
};

/** Examples hold comments. */
function parse(text: string): Loose {
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, '').replace(/([,{[])\s*\/\/.*$/gm, '$1'));
}

function storeOf(content: Loose, version: string): Store {
  if (content.zarr_format === 3) return new Map([['zarr.json', content]]);
  if (version === '0.4')
    return new Map([
      ['.zgroup', { zarr_format: 2 }],
      ['.zattrs', content],
    ]);
  return new Map([['zarr.json', { zarr_format: 3, node_type: 'group', attributes: content }]]);
}

async function errorsOf(content: Loose, version: string): Promise<readonly string[]> {
  const { lines } = await check(stored(storeOf(content, version)));
  // A suite about image-label alone has no image around it.
  const alone = (content.attributes ?? content).ome ?? content.attributes ?? content;
  const label = alone['image-label'] !== undefined && alone.multiscales === undefined;
  return lines.filter(
    (line) =>
      line.startsWith('error') &&
      !ABSENT.has(line.split(' ')[1]!) &&
      !(label && line.startsWith('error NGFF_MULTISCALES')),
  );
}

interface Case {
  readonly name: string;
  readonly content: Loose;
  readonly valid: boolean;
}

function suite(version: string): Case[] {
  const folder = join(NGFF, version, 'tests');
  return readdirSync(folder)
    .filter((name) => name.endsWith('_suite.json'))
    .flatMap((name) => {
      const { tests } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      // Strict suites ask for what the specification recommends.
      return tests
        .filter((test: Loose) => test.valid || !name.startsWith('strict'))
        .map((test: Loose) => ({ name: test.formerly, content: test.data, valid: test.valid }));
    });
}

function examples(version: string): Case[] {
  return (readdirSync(join(NGFF, version, 'examples'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({
      name,
      content: parse(readFileSync(join(NGFF, version, 'examples', name), 'utf8')),
      valid: true,
    }));
}

function drafts(): Case[] {
  const folder = join(NGFF, '0.6rc0/tests/attributes/spec');
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const { _conformance: _, ...content } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      return { name, content, valid: name.startsWith('valid') };
    });
}

describe.skipIf(!existsSync(NGFF))('official OME-NGFF material (skipped without ../shared)', () => {
  const cases = existsSync(NGFF)
    ? [
        ...['0.4', '0.5'].flatMap((version) =>
          [...suite(version), ...examples(version)].map((one) => ({ ...one, version })),
        ),
        ...[...drafts(), ...examples('0.6rc0')].map((one) => ({ ...one, version: '0.6rc0' })),
      ]
    : [{ name: '', content: {}, valid: true, version: '0.4' }];

  it.each(cases.map((one) => [`${one.version} ${one.name}`, one] as const))(
    '%s',
    async (name, { content, valid, version }) => {
      const errors = await errorsOf(content, version);
      if (valid && !(name in EXCUSED)) expect(errors).toEqual([]);
      else expect(errors, `${basename(name)} should have errors`).not.toEqual([]);
    },
  );
});
