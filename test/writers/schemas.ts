// The official JSON schemas of OME-NGFF (fixtures/ngff-schemas) over every group of an output.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const SCHEMAS = join(import.meta.dirname, '../../fixtures/ngff-schemas');
const ID = 'https://ngff.openmicroscopy.org';

function load(version: string): Ajv2020 {
  // The schemas use keywords (minContains without contains) that strict mode refuses.
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  for (const name of readdirSync(join(SCHEMAS, version)).filter((file) => file.endsWith('.schema')))
    ajv.addSchema(JSON.parse(readFileSync(join(SCHEMAS, version, name), 'utf8')));
  return ajv;
}
const validators: Readonly<Record<string, Ajv2020>> = { '0.4': load('0.4'), '0.5': load('0.5') };

/** Schema of each kind of group, by the key that makes it one. */
const KINDS: Readonly<Record<string, string>> = {
  multiscales: 'strict_image',
  'image-label': 'strict_label',
  plate: 'strict_plate',
  well: 'strict_well',
  series: 'ome',
  'bioformats2raw.layout': 'bf2raw',
};

/** What the schemas say against the groups of an output, and how many checks were made. */
export function schemaErrors(output: string, version: '0.4' | '0.5'): { errors: string[]; checks: number } {
  const file = version === '0.4' ? '.zattrs' : 'zarr.json';
  const errors: string[] = [];
  let checks = 0;
  for (const name of readdirSync(output, { recursive: true }).map(String)) {
    if (name !== file && !name.endsWith(`/${file}`)) continue;
    const json = JSON.parse(readFileSync(join(output, name), 'utf8'));
    if (version === '0.5' && json.node_type !== 'group') continue;
    const attributes = version === '0.4' ? json : json.attributes;
    for (const key of Object.keys((version === '0.4' ? attributes : attributes.ome) ?? {})) {
      const kind = KINDS[key];
      if (kind === undefined) continue;
      checks++;
      // Two of the 0.4 schemas call themselves latest.
      const find = (label: string) => validators[version]!.getSchema(`${ID}/${label}/schemas/${kind}.schema`);
      const validate = find(version) ?? find('latest');
      if (!validate) throw new Error(`no schema ${kind}`);
      if (!validate(attributes))
        errors.push(
          `${relative(output, join(output, name))} (${kind}): ${validators[version]!.errorsText(validate.errors)}`,
        );
    }
  }
  return { errors, checks };
}
