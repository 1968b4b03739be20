// `imgconv xml`: the OME-XML of a file, read, replaced or checked.

import type { Finding } from '../../app/ome-xml.js';
import { EXIT } from '../../core/errors.js';
import { reportError } from '../exit.js';
import { type Flag, toggle } from '../flags/flag.js';
import { quiet } from '../flags/run.js';
import type { Terminal } from '../terminal.js';
import { plural } from '../text.js';
import { usage } from '../values.js';
import type { Command, CommandInput } from './command.js';

const force: Flag<boolean> = toggle('Output', '--force', 'set: take XML that is not valid');
const json: Flag<boolean> = toggle('Output', '--json', 'validate: as JSON');

async function readAll(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return new Uint8Array(Buffer.concat(parts));
}

async function get({ terminal }: CommandInput, files: readonly string[]): Promise<number> {
  if (files.length !== 1) throw usage('xml get takes one file');
  const { readStoredXml } = await import('../../app/ome-xml.js');
  const bytes = await readStoredXml(files[0]!);
  await terminal.out(bytes);
  if (bytes.at(-1) !== 0x0a) await terminal.out('\n');
  return EXIT.ok;
}

async function set({ terminal, values }: CommandInput, files: readonly string[]): Promise<number> {
  const [file, from] = files;
  if (files.length !== 2 || file === undefined || from === undefined)
    throw usage('xml set takes a file and the XML to put into it (- for stdin)');
  const { readStoredXml, replaceStoredXml } = await import('../../app/ome-xml.js');
  const xml = from === '-' ? await readAll(process.stdin) : await readStoredXml(from);
  const findings = await replaceStoredXml(file, xml, values.get(force));
  for (const finding of findings) terminal.say('warn', line(file, finding));
  return EXIT.ok;
}

function line(file: string, { severity, path, message }: Finding): string {
  return `${file}: ${severity}: ${path === '' ? '' : `${path}: `}${message}`;
}

async function validate({ terminal, values }: CommandInput, files: readonly string[]): Promise<number> {
  if (files.length === 0) throw usage('xml validate takes one or more files (- for stdin)');
  const { readStoredXml, validateOmeXml } = await import('../../app/ome-xml.js');
  let code: number = EXIT.ok;
  const all: { file: string; valid: boolean; findings: readonly Finding[] }[] = [];
  for (const file of files) {
    try {
      const xml = file === '-' ? await readAll(process.stdin) : await readStoredXml(file);
      const findings = validateOmeXml(xml);
      const errors = findings.filter(({ severity }) => severity === 'error').length;
      all.push({ file, valid: errors === 0, findings });
      if (errors > 0) code = EXIT.format;
      if (!values.get(json)) await tell(terminal, file, findings, errors, values.get(quiet));
    } catch (error) {
      code = reportError(error, terminal, file);
    }
  }
  if (values.get(json)) await terminal.out(`${JSON.stringify(all, null, 2)}\n`);
  return code;
}

async function tell(
  terminal: Terminal,
  file: string,
  findings: readonly Finding[],
  errors: number,
  silent: boolean,
): Promise<void> {
  if (silent) return;
  const verdict = errors === 0 ? 'valid OME-XML' : `not valid, ${plural(errors, 'error')}`;
  await terminal.out(`${[...findings.map((finding) => line(file, finding)), `${file}: ${verdict}`].join('\n')}\n`);
}

export const xml: Command = {
  usage: 'get <file> | set <file> <xml> | validate <file...>',
  description: `Read, replace or check the OME-XML of a file.

The file is an OME-TIFF (the ImageDescription of its first directory, edited in place), an OME-XML or companion file,
or an OME-Zarr folder (OME/METADATA.ome.xml). Checks need no network.`,
  flags: [force, json, quiet],
  examples: [
    ['imgconv xml get slide.ome.tiff > slide.ome.xml', 'what the file says'],
    ['imgconv xml set slide.ome.tiff slide.ome.xml', 'put it back, changed'],
    ['imgconv xml validate *.ome.tiff slide.ome.zarr', 'against the schema 2016-06 and common sense'],
  ],
  async run(input) {
    const [action, ...files] = input.paths;
    switch (action) {
      case 'get':
        return get(input, files);
      case 'set':
        return set(input, files);
      case 'validate':
        return validate(input, files);
      default:
        throw usage(`xml takes get, set or validate, found: ${action ?? 'nothing'}`);
    }
  },
};
