// One line per command: what `imgconv --help` lists, and where the command lies.

import type { Command } from './command.js';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'to-ngff',
    summary: 'convert images to OME-Zarr (OME-NGFF)',
    load: async () => (await import('./to-ngff.js')).toNgff,
  },
  {
    name: 'to-ometiff',
    summary: 'convert images to OME-TIFF',
    load: async () => (await import('./to-ometiff.js')).toOmeTiff,
  },
  {
    name: 'xml',
    summary: 'read, replace or check the OME-XML of a file',
    load: async () => (await import('./xml.js')).xml,
  },
  {
    name: 'validate',
    summary: 'check OME-Zarr, OME-TIFF and OME-XML',
    load: async () => (await import('./validate.js')).validate,
  },
  {
    name: 'info',
    summary: 'show what a file holds, from its headers',
    load: async () => (await import('./info.js')).info,
  },
  {
    name: 'hash',
    summary: 'print content hashes that a conversion keeps',
    load: async () => (await import('./hash.js')).hash,
  },
  {
    name: 'verify',
    summary: 'prove that a conversion lost nothing',
    load: async () => (await import('./compare.js')).verify,
  },
  {
    name: 'diff',
    summary: 'compare two inputs: pixels, sizes, metadata',
    load: async () => (await import('./compare.js')).diff,
  },
  {
    name: 'preview',
    summary: 'make a thumbnail or contact sheet',
    load: async () => (await import('./preview.js')).preview,
  },
  {
    name: 'formats',
    summary: 'list the formats that can be read and written',
    load: async () => (await import('./formats.js')).formats,
  },
  {
    name: 'schema',
    summary: 'print the JSON Schema of machine output',
    load: async () => (await import('./schema.js')).schema,
  },
  {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    load: async () => (await import('./completion.js')).completion,
  },
];
