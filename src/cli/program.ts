// The door to commander: help texts and the parsing of arguments. Values are parsed by the flags themselves.

import { Command as Commander, CommanderError, Option } from 'commander';
import type { ImgconvError } from '../core/errors.js';
import { VERSION } from '../core/version.js';
import type { Command } from './commands/command.js';
import { commands } from './commands/index.js';
import { type Flag, FlagValues } from './flags/flag.js';
import { debug, logLevel, quiet } from './flags/run.js';
import { stderr, stdout } from './terminal.js';
import { usage } from './values.js';

export interface Invocation {
  readonly command: Command;
  readonly paths: readonly string[];
  readonly values: FlagValues;
}

const EXIT_HELP = `
Exit codes:
  0 done   1 done, but parts of the input are missing or broken, or a file of a batch failed
  2 usage  3 not supported  4 broken input  5 files and disks  6 limit reached  70 defect in imgconv  130 interrupted`;

function helpLine(flag: Flag<unknown>): string {
  return flag.defaultText === undefined ? flag.help : `${flag.help} (default: ${flag.defaultText})`;
}

function addFlag(target: Commander, flag: Flag<unknown>, values: FlagValues): void {
  const value = flag.value === undefined ? '' : ` ${flag.value}`;
  const add = (names: string, hidden: boolean): void => {
    const option = new Option(`${names}${value}`, helpLine(flag)).helpGroup(`${flag.group}:`);
    if (hidden) option.hideHelp();
    target.addOption(option);
    // Events come in the order of the command line, once for each time that an option is given.
    target.on(`option:${option.name()}`, (text: string | null | undefined) => values.set(flag, text ?? undefined));
  };
  add(flag.short === undefined ? flag.name : `${flag.short}, ${flag.name}`, false);
  for (const alias of flag.aliases ?? []) add(alias, true);
}

function describeCommand(target: Commander, command: Command, values: FlagValues): void {
  target.description(command.description).argument('[paths...]').usage(`[options] ${command.usage}`);
  target.helpOption('-h, --help', 'show this help');
  const common: readonly Flag<unknown>[] = [quiet, debug, logLevel];
  for (const flag of new Set([...command.flags, ...common])) addFlag(target, flag, values);
  const width = Math.max(...command.examples.map(([line]) => line.length));
  const examples = command.examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`);
  target.addHelpText('after', `\nExamples:\n${examples.join('\n')}\n${EXIT_HELP}`);
}

/** commander's sentences, in the form of ours. */
function asUsageError(error: CommanderError): ImgconvError {
  const text = error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)/, '; did you mean $1?');
  return usage(text.replace(/\s*\n\s*/g, ' '));
}

/** bioformats2raw's `-h 512` is a tile height; showing help and exiting with 0 would look like a conversion to a script. */
function refuseHeightAsHelp(args: readonly string[]): void {
  const at = args.indexOf('-h');
  if (at >= 0 && /^\d+$/.test(args[at + 1] ?? '')) throw usage('-h is help; the tile height is --tile-height or -H');
}

function configure(target: Commander): Commander {
  return target
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout().write(text),
      writeErr: (text) => stderr().write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(process.stdout.columns ?? 110, 130),
    })
    .configureHelp({ sortSubcommands: false });
}

/** Undefined: help or version was printed. Errors: usage USAGE. */
export async function parseArguments(args: readonly string[]): Promise<Invocation | undefined> {
  refuseHeightAsHelp(args);
  const values = new FlagValues();
  let invocation: Invocation | undefined;
  const program = configure(new Commander('imgconv'))
    .description('Turns microscope and other bioimage files into OME-Zarr and OME-TIFF.')
    .version(`imgconv ${VERSION}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show help on a command')
    .addHelpText(
      'after',
      `\nHelp on a command: imgconv <command> --help; all of it as a manual page: imgconv help --man${EXIT_HELP}`,
    );
  const wanted =
    args.find((arg) => !arg.startsWith('-')) === 'help'
      ? args[args.indexOf('help') + 1]
      : args.find((arg) => !arg.startsWith('-'));
  for (const entry of commands) {
    const target = configure(program.command(entry.name)).summary(entry.summary);
    if (entry.name !== wanted) continue;
    const command = await entry.load();
    describeCommand(target, command, values);
    target.action((paths: string[]) => {
      invocation = { command, paths, values };
    });
  }
  if (args[0] === 'help' && args[1] === '--man' && args.length === 2) {
    const { manPage } = await import('./man.js');
    stdout().write(await manPage());
    return undefined;
  }
  if (args.length === 0) {
    stderr().write(program.helpInformation());
    throw usage('no command given');
  }
  program.on('command:*', () => undefined);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw asUsageError(error);
  }
  if (!invocation)
    throw usage(`no command ${wanted ?? ''}: the commands are ${commands.map((entry) => entry.name).join(', ')}`);
  return invocation;
}
