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
    name: 'formats',
    summary: 'list the formats that can be read and written',
    load: async () => (await import('./formats.js')).formats,
  },
];
