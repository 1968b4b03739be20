// Outputs are put in place whole, or not at all.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSink } from '../../src/io/sink.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imgconv-sink-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const list = (): string[] => readdirSync(folder).sort();

describe('files', () => {
  const names = ['a', 'b', 'c'];

  it('replace a set, scratch space left out', async () => {
    for (const name of names) writeFileSync(join(folder, name), 'old');
    const sink = await openSink(join(folder, 'a'), { overwrite: true, kind: 'files', names });
    for (const name of names) await sink.put(name, 'new');
    await sink.put('levels/scratch', '');
    await sink.commit();
    expect(list()).toEqual(names);
    expect(names.map(read)).toEqual(['new', 'new', 'new']);
  });

  it('go back to what was there where one cannot be put in place', async () => {
    for (const name of ['a', 'b']) writeFileSync(join(folder, name), 'old');
    const sink = await openSink(join(folder, 'a'), { overwrite: true, kind: 'files', names });
    for (const name of names) await sink.put(name, 'new');
    // Appears meanwhile: a file takes no folder's place.
    mkdirSync(join(folder, 'c'));
    await expect(sink.commit()).rejects.toMatchObject({ blame: 'io' });
    await sink.abort();
    expect(list()).toEqual(names);
    expect([read('a'), read('b'), readdirSync(join(folder, 'c'))]).toEqual(['old', 'old', []]);
  });

  it('are refused where one exists, before anything is made', async () => {
    writeFileSync(join(folder, 'c'), 'old');
    await expect(openSink(join(folder, 'a'), { overwrite: false, kind: 'files', names })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    });
    expect(list()).toEqual(['c']);
  });

  it('are refused where one appears meanwhile, and nothing is replaced', async () => {
    const sink = await openSink(join(folder, 'a'), { overwrite: false, kind: 'files', names });
    for (const name of names) await sink.put(name, 'new');
    writeFileSync(join(folder, 'b'), 'other');
    await expect(sink.commit()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await sink.abort();
    expect(list()).toEqual(['b']);
    expect(read('b')).toBe('other');
  });
});
