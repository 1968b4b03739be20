// `imgconv validate`: OME-Zarr, OME-TIFF and OME-XML against their specifications.

import type { ValidationReport } from '../../app/schemas.js';
import type { CheckLevel, Profile, ValidateOptions, ValidationFormat } from '../../app/validate.js';
import { EXIT } from '../../core/errors.js';
import { abortOnSignals, describe, reportError } from '../exit.js';
import { type Flag, toggle } from '../flags/flag.js';
import { maxWorkers, messageFlags } from '../flags/run.js';
import { namedPaths } from '../names.js';
import { usage, word } from '../values.js';
import type { Command } from './command.js';

const level: Flag<CheckLevel> = {
  name: '--level',
  value: '<level>',
  group: 'Input',
  initial: 'metadata',
  defaultText: 'metadata',
  help: 'metadata; structure: chunks and tiles present and sound; pixels: everything decodes, pyramids agree',
  more: 'Each level includes those before it. `pixels` reads and decodes all data.',
  parse: word(['metadata', 'structure', 'pixels']),
};

const profile: Flag<Profile | undefined> = {
  name: '--profile',
  value: '<name>',
  group: 'Input',
  initial: undefined,
  help: 'also what omero, idr, bia (BioImage Archive) or viewer asks for; strict: warnings become errors',
  parse: word<Profile>(['omero', 'idr', 'bia', 'viewer', 'strict']),
};

const format: Flag<ValidationFormat> = {
  name: '--format',
  value: '<format>',
  group: 'Output',
  initial: 'text',
  defaultText: 'text',
  help: 'text, json (`imgconv schema validate`), sarif (code scanning), junit (CI)',
  parse: word(['text', 'json', 'sarif', 'junit']),
};

const json = toggle('Output', '--json', 'the same as --format json');
const notes = toggle('Output', '--notes', 'show notes, too (severity info)');
const strict = toggle('Output', '--strict', 'exit code 1 where there are warnings');

function exitOf({ errors, warnings }: ValidationReport, isStrict: boolean): number {
  if (errors > 0) return EXIT.format;
  return isStrict && warnings > 0 ? EXIT.damage : EXIT.ok;
}

export const validate: Command = {
  usage: '<file or folder ... | ->',
  description: `Check OME-Zarr (0.4, 0.5, drafts of 0.6; folder or zip), OME-TIFF and OME-XML against their specifications. No network is needed, but for inputs that are https:// or http:// addresses.

Exit code 0: no errors; 1: warnings, with --strict; 4: errors; others as below. docs/VALIDATION.md lists the rules.`,
  flags: [level, profile, format, json, notes, strict, maxWorkers, ...messageFlags],
  examples: [
    ['imgconv validate image.ome.zarr', 'metadata'],
    ['imgconv validate --level pixels image.ome.zarr slide.ome.tiff', 'read everything'],
    ['imgconv validate https://host/image.ome.zarr', 'on a server'],
    ['imgconv validate --profile omero plate.ome.zarr', 'will OMERO take it?'],
    ['imgconv validate --format sarif *.ome.tiff > findings.sarif', 'for code scanning'],
    ["find . -name '*.ome.tiff' | imgconv validate -", 'names from stdin'],
  ],
  async run({ paths, values, terminal }) {
    if (paths.length === 0) throw usage('validate needs a file or folder');
    const { asDocument, asText, validatePath } = await import('../../app/validate.js');
    const list = await namedPaths(paths);
    if (list.length === 0) throw usage('no names came from stdin');
    const form = values.get(json) ? 'json' : values.get(format);
    const document = form === 'sarif' || form === 'junit' ? form : undefined;
    const { signal, release } = abortOnSignals();
    const options: ValidateOptions = {
      level: values.get(level),
      profile: values.get(profile),
      workers: values.get(maxWorkers),
      signal,
    };
    const reports: ValidationReport[] = [];
    const failed: { path: string; error: unknown }[] = [];
    let code: number = EXIT.ok;
    // Broken input outweighs warnings; of other failures the first decides.
    const note = (next: number): void => {
      if (code === EXIT.ok || code === EXIT.damage) code = next === EXIT.ok ? code : next;
    };
    try {
      for (const path of list) {
        try {
          const report = await validatePath(path, options);
          note(exitOf(report, values.get(strict)));
          if (document) reports.push(report);
          else if (form === 'json') await terminal.out(`${JSON.stringify(report, null, list.length > 1 ? 0 : 2)}\n`);
          else if (terminal.level !== 'error' || report.errors > 0)
            await terminal.out(asText(report, values.get(notes)));
        } catch (error) {
          if (signal.aborted) throw error;
          if (list.length === 1 && !document) throw error;
          failed.push({ path, error });
          note(document ? describe(error).code : reportError(error, terminal, path));
        }
      }
      if (document) await terminal.out(asDocument(reports, failed, document, values.get(strict)));
      return code;
    } catch (error) {
      if (signal.aborted) return EXIT.interrupted;
      throw error;
    } finally {
      release();
    }
  },
};
