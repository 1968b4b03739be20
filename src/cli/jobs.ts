// From the paths of a command line to a list of inputs with their outputs.

import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { lookAt, readers } from '../app.js';
import { readNames } from './names.js';
import { usage } from './values.js';

export interface Job {
  readonly input: string;
  readonly output: string;
}

export interface JobList {
  readonly jobs: readonly Job[];
  /** Several inputs, or names from stdin: one that fails does not stop the others. */
  readonly batch: boolean;
}

const isFolderName = (path: string): boolean => /[\\/]$/.test(path);

/** Name of an input without the extension of its format: `a.ome.tif` → `a`. */
function stem(input: string): string {
  const name = basename(input);
  const lower = name.toLowerCase();
  const known = readers
    .flatMap((reader) => reader.extensions)
    .filter((extension) => lower.endsWith(extension) && lower.length > extension.length)
    .sort((a, b) => b.length - a.length)[0];
  return known === undefined ? name.replace(/(?<=.)\.[^.]*$/, '') : name.slice(0, -known.length);
}

/** The folder that all of the absolute paths lie in. */
function commonFolder(paths: readonly string[]): string {
  const [first, ...rest] = paths.map((path) => dirname(path).split(sep));
  let length = first?.length ?? 0;
  for (const parts of rest) {
    while (length > 0 && parts.slice(0, length).join(sep) !== first!.slice(0, length).join(sep)) length--;
  }
  return first?.slice(0, length).join(sep) || sep;
}

/** Groups of more than one index with the same name, letter case apart (disks that ignore it must not merge outputs). */
function clashes(names: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  names.forEach((name, index) => {
    const key = name.toLowerCase();
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  return [...groups.values()].filter((group) => group.length > 1);
}

/**
 * Output names, decided by the list alone: the name without extension; where two inputs share it, with extension; where they share that
 * too, with the folders in which they differ. Errors: usage SAME_INPUT.
 */
export function nameOutputs(inputs: readonly string[], extension: string): readonly string[] {
  const absolute = inputs.map((input) => resolve(input));
  const twice = absolute.find((path, index) => absolute.indexOf(path) !== index);
  if (twice !== undefined) throw usage(`the input is named twice: ${twice}`);
  const names = inputs.map(stem);
  for (const group of clashes(names)) for (const index of group) names[index] = basename(absolute[index]!);
  for (const group of clashes(names)) {
    const folder = commonFolder(group.map((index) => absolute[index]!));
    for (const index of group) names[index] = relative(folder, absolute[index]!).split(sep).join('_');
  }
  const left = clashes(names)[0];
  if (left)
    throw usage(`these inputs would have the same output name: ${left.map((index) => inputs[index]).join(', ')}`);
  return names.map((name) => name + extension);
}

/** How a command names its outputs. */
export interface OutputStyle {
  readonly command: string;
  /** Of outputs in a batch. */
  readonly extension: string;
  /** Whether `-` may stand for stdout. */
  readonly stream: 'yes' | 'no';
}

/** Stdout, as the name of an output. */
export const STDOUT = '-';

/** `IN OUT`, `IN… FOLDER`, `- FOLDER`; an OUT that ends in '/' is a folder too. Errors: usage. */
export async function listJobs(paths: readonly string[], style: OutputStyle): Promise<JobList> {
  const output = paths.at(-1);
  if (paths.length < 2 || output === undefined) {
    throw usage(`needs an input and an output: imgconv ${style.command} IN OUT`);
  }
  if (output === STDOUT && (style.stream === 'no' || paths.length > 2 || paths[0] === '-')) {
    throw usage('- as output: stdout takes one file of one input');
  }
  const given = paths.slice(0, -1);
  const fromStdin = given.includes('-');
  const inputs: string[] = [];
  for (const path of given) inputs.push(...(path === '-' ? await readNames() : [path]));
  if (inputs.length === 0) throw usage('no input: stdin names no file');
  const batch = given.length > 1 || fromStdin;
  if (!batch && !isFolderName(output)) return { jobs: [{ input: inputs[0]!, output }], batch };
  const place = await lookAt(output);
  if (place.kind === 'file' || place.kind === 'special')
    throw usage(`several inputs need an output folder, ${output} is a file`);
  if (place.kind === 'folder' && ['zarr.json', '.zgroup', '.zarray'].some((name) => place.entries.includes(name))) {
    throw usage(`several inputs need an output folder, ${output} is a Zarr`);
  }
  const names = nameOutputs(inputs, style.extension);
  return { jobs: inputs.map((input, index) => ({ input, output: join(output, names[index]!) })), batch };
}
