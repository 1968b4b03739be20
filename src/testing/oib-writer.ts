// OIB files for tests: the files of an OIF data set in a compound file.

import { type OleOptions, writeOle } from './ole-writer.js';

/** The main file first; the others by their names in the folder beside it. */
export function writeOib(
  main: string,
  settings: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  options: OleOptions = {},
): Uint8Array {
  const key = (i: number): string => `Stream${String(i).padStart(5, '0')}`;
  const names = [...files.keys()];
  const mainKey = key(names.length + 1);
  const lines = [
    '[OibSaveInfo]',
    'Version=2.0.0.0',
    'Name=COFAImages',
    `MainFileName=${mainKey}`,
    `${mainKey}=${main}`,
  ];
  lines.push(`Storage00001=${main}.files`, ...names.map((name, i) => `${key(i + 1)}=Storage00001/${name}`));
  const info = Buffer.from(`\ufeff${lines.join('\r\n')}\r\n`, 'utf16le');
  return writeOle(
    [
      { path: 'OibInfo.txt', bytes: new Uint8Array(info) },
      ...names.map((name, i) => ({ path: `Storage00001/${key(i + 1)}`, bytes: files.get(name)! })),
      { path: mainKey, bytes: settings },
    ],
    options,
  );
}
