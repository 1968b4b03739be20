// Over the fixtures of all readers: each is won by its reader alone, opening reads headers only, and no file stays open.

import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readers } from '../../readers/index.js';
import { probeAll } from '../../src/app/probe.js';
import { openInput } from '../../src/app.js';
import { openTree } from '../../src/io/tree.js';
import { fixtureInputs } from '../../src/testing/fixture-inputs.js';
import { seeded } from '../../src/testing/mutate.js';

/** What probes share and one window of a file. */
const BOUND = 4096 + 64 * 1024;
/** Readers that may read more to open a fixture, in bytes, and why. */
const MORE: Readonly<Record<string, readonly [bytes: number, why: string]>> = {
  dicom: [64 * 1024, 'the headers of all files of the folder tell which belong to the series'],
  hdf5: [96 * 1024, 'chunk indexes lie all over the file and are read in windows of 4 KiB'],
  ims: [64 * 1024, 'chunk indexes lie all over the file and are read in windows of 4 KiB'],
  bdv: [64 * 1024, 'chunk indexes lie all over the file and are read in windows of 4 KiB'],
  zarr: [176 * 1024, 'the archives hold dozens of arrays, each with documents of its own'],
  ndpi: [8 * 1024, 'a plane without a table of restart markers is searched for them'],
};
/** Archives that only tests unpack. */
const PACKED = new Set(['n5.zip']);

const FDS = '/proc/self/fd';
function openFiles(): string[] {
  return readdirSync(FDS)
    .flatMap((fd) => {
      try {
        return [readlinkSync(join(FDS, fd))];
      } catch {
        return [];
      }
    })
    .filter((target) => target.includes('/fixtures/') || target.startsWith(tmpdir()))
    .sort();
}

const cases = readers.flatMap(({ id }) =>
  fixtureInputs(id, 'fixtures')
    .filter(({ name }) => !PACKED.has(name))
    .map(({ folder, name }) => ({ id, name, path: join(folder, name) })),
);

describe('fixtures of all readers', () => {
  it.each(cases)('$id: $name', async ({ id, path }) => {
    const before = existsSync(FDS) ? openFiles() : [];
    const { tree, verdicts } = await openInput(path);
    const { bytesRead } = tree;
    await tree.close();
    if (existsSync(FDS)) expect(openFiles()).toEqual(before);
    const [best, second] = verdicts;
    expect(best!.reader.id).toBe(id);
    expect(second!.verdict.score).toBeLessThan(best!.verdict.score);
    expect(bytesRead).toBeLessThanOrEqual(BOUND + (MORE[id]?.[0] ?? 0));
  });
});

describe('what is no image', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'imgconv-noise-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function bestOf(name: string, bytes: Uint8Array | string): Promise<string> {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    const tree = await openTree(file);
    try {
      const [best] = await probeAll(readers, tree);
      return best!.verdict.score <= 25 ? 'none' : `${best!.reader.id}: ${best!.verdict.why}`;
    } finally {
      await tree.close();
      // Else it might pass as a companion of the next one.
      rmSync(file);
    }
  }

  it.each([
    ['nothing', ''],
    ['a sentence', 'The quick brown fox jumps over the lazy dog.\n'],
    ['a table', 'x,y\n1,2\n3,4\n'.repeat(100)],
    ['zeros', new Uint8Array(10_000)],
    ['ones', new Uint8Array(10_000).fill(255)],
    ['JSON', '{"name": "value", "list": [1, 2, 3]}'],
    ['XML', '<?xml version="1.0"?>\n<root><item/></root>'],
    ['HTML', '<!DOCTYPE html><html><body>text</body></html>'],
    ['settings', '[section]\nkey=value\n'],
  ])('is won by none: %s', async (_, bytes) => {
    expect(await bestOf('noise.bin', bytes)).toBe('none');
  });

  it.each([1, 2, 3])('is won by none: random bytes, seed %i, under every extension', async (seed) => {
    const next = seeded(seed);
    const won = new Set<string>();
    for (const extension of new Set(['.bin', '', ...readers.flatMap((reader) => reader.extensions)])) {
      if (extension.endsWith('.fake')) continue;
      const bytes = Uint8Array.from({ length: 5000 }, () => Math.floor(next() * 256));
      const best = await bestOf(`noise${extension}`, bytes);
      if (best !== 'none') won.add(`${extension} ${best}`);
    }
    expect([...won]).toEqual([]);
  });
});
