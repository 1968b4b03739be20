// The manual page, made from the same definitions as --help and the README: roff for man(1). No dates: the same program gives the same page.

import { VERSION } from '../core/version.js';
import type { Command } from './commands/command.js';
import { type CommandEntry, commands } from './commands/index.js';
import type { Flag } from './flags/flag.js';

const SYNOPSIS = 'turns microscope and other bioimage files into OME-Zarr and OME-TIFF';

const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'done'],
  ['1', 'done, but parts of the input are missing or broken, inputs differ, or a file of a batch failed'],
  ['2', 'the command line is wrong'],
  ['3', 'the input is of a kind that is not supported'],
  ['4', 'the input is broken; validate: errors were found'],
  ['5', 'files, disks or servers failed'],
  ['6', 'a limit was reached'],
  ['70', 'a defect in imgconv'],
  ['130', 'interrupted'],
];

const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['TMPDIR', 'folder for temporary files: outputs to stdout, files that are compressed as a whole'],
  ['SLURM_CPUS_PER_TASK, GALAXY_SLOTS', 'cores granted to this process'],
  ['IMGCONV_HTTP_TIMEOUT', 'seconds that a server may be silent (30)'],
  ['IMGCONV_HTTP_TRIES', 'how often a request to a server is tried (4)'],
];

/** Text as roff takes it: no line begins a request, dashes stay dashes, all is ASCII. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\x20-\x7e\n]/gu, (c) => `\\[u${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`)
    .split('\n')
    .map((line) => line.replace(/^\s*([.'])/, '\\&$1'))
    .filter((line) => line.trim() !== '')
    .join('\n');
}

const bold = (text: string): string => `\\fB${roff(text)}\\fR`;
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A term and what it means. */
function entry(term: string, ...paragraphs: readonly string[]): readonly string[] {
  return ['.TP', term, ...paragraphs.map(roff)];
}

function flagTerm({ short, name, value, aliases }: Flag<unknown>): string {
  const names = [...(short === undefined ? [] : [short]), name, ...(aliases ?? [])];
  return names.map(bold).join(', ') + (value === undefined ? '' : ` \\fI${roff(value)}\\fR`);
}

function flagEntry(flag: Flag<unknown>): readonly string[] {
  const initial = flag.defaultText === undefined ? [] : [`Default: ${flag.defaultText}.`];
  const more = flag.more === undefined ? [] : [flag.more];
  return entry(flagTerm(flag), [sentence(flag.help), ...more, ...initial].join(' '));
}

function commandSection({ name }: CommandEntry, command: Command, common: ReadonlySet<Flag<unknown>>): string[] {
  const lines = [`.SS ${bold(`imgconv ${name}`)} ${roff(`[options] ${command.usage}`)}`];
  for (const paragraph of command.description.split('\n\n')) lines.push('.PP', roff(paragraph));
  lines.push(...command.flags.filter((flag) => !common.has(flag)).flatMap(flagEntry));
  lines.push('.PP', 'Examples:');
  for (const [line, what] of command.examples) lines.push(...entry(bold(line), what));
  return lines;
}

/** imgconv(1). */
export async function manPage(): Promise<string> {
  const loaded = await Promise.all(commands.map(async (each) => ({ each, command: await each.load() })));
  // What most commands know is told once.
  const counts = new Map<Flag<unknown>, number>();
  for (const { command } of loaded) for (const flag of command.flags) counts.set(flag, (counts.get(flag) ?? 0) + 1);
  const common = new Set([...counts].filter(([, n]) => n > loaded.length / 2).map(([flag]) => flag));
  const lines = [
    `.TH IMGCONV 1 "" "imgconv ${VERSION}" "imgconv"`,
    '.SH NAME',
    `imgconv \\- ${roff(SYNOPSIS)}`,
    '.SH SYNOPSIS',
    ...loaded.flatMap(({ each, command }) => [
      `${bold(`imgconv ${each.name}`)} ${roff(command.usage)}`.trimEnd(),
      '.br',
    ]),
    '.SH DESCRIPTION',
    roff('Inputs are files, folders, or http and https addresses; what they are is seen from their content.'),
    roff('The output appears under its name when it is complete. Stdout carries data, stderr messages.'),
    '.SH COMMANDS',
    ...loaded.flatMap(({ each, command }) => commandSection(each, command, common)),
    '.SH COMMON OPTIONS',
    ...[...common].flatMap(flagEntry),
    ...entry(`${bold('-h')}, ${bold('--help')}`, 'Help on a command.'),
    ...entry(`${bold('-V')}, ${bold('--version')}`, 'The version (without a command).'),
    '.SH EXIT STATUS',
    ...EXIT_CODES.flatMap(([code, meaning]) => entry(bold(code), meaning)),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, meaning]) => entry(bold(name), meaning)),
    '.SH SEE ALSO',
    roff('https://ngff.openmicroscopy.org, https://ome-model.readthedocs.io'),
  ];
  return `${lines.join('\n')}\n`;
}
