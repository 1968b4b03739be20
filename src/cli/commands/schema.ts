// `imgconv schema`: the JSON Schemas of all machine output.

import { quiet } from '../flags/run.js';
import { usage } from '../values.js';
import type { Command } from './command.js';

export const schema: Command = {
  usage: '<name>',
  description: 'Print the JSON Schema of what a command prints with --json. Without a name: the list.',
  flags: [quiet],
  examples: [['imgconv schema info', 'the schema of `imgconv info --json`']],
  async run({ paths, terminal }) {
    const { jsonSchema, schemas } = await import('../../app/schemas.js');
    const [name, more] = paths;
    if (name === undefined) {
      await terminal.out(`${Object.keys(schemas).join('\n')}\n`);
      return 0;
    }
    if (more !== undefined || !Object.hasOwn(schemas, name))
      throw usage(`schema takes one of: ${Object.keys(schemas).join(', ')}; found: ${paths.join(' ')}`);
    await terminal.out(`${JSON.stringify(jsonSchema(name as keyof typeof schemas), null, 2)}\n`);
    return 0;
  },
};
