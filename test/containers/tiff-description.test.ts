// Editing the description of a TIFF in place: all kinds of files, all ways to fit, and after every single step.

import { describe, expect, it } from 'vitest';
import { type EditStep, readDescription, replaceDescription } from '../../src/containers/tiff/description.js';
import { parseTiff } from '../../src/containers/tiff/file.js';
import type { ByteSource } from '../../src/core/contracts.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { type Tags, tiffBytes } from './tiff-bytes.js';

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    name: 'memory',
    size: bytes.length,
    read: async (offset, length) => bytes.slice(offset, offset + length),
    close: async () => undefined,
  };
}

function apply(bytes: Uint8Array, step: EditStep): Uint8Array {
  if (step.kind === 'truncate') return bytes.slice(0, step.size);
  const result = new Uint8Array(Math.max(bytes.length, step.offset + step.bytes.length));
  result.set(bytes);
  result.set(step.bytes, step.offset);
  return result;
}

const ascii = (text: string): Tags[number] => [2, [...Buffer.from(`${text}\0`, 'utf8')]];
const page = (description?: string): Tags => ({
  256: [3, [4]],
  257: [3, [3]],
  258: [3, [8]],
  ...(description === undefined ? ({} as Tags) : { 270: ascii(description) }),
  273: [4, [8]],
  279: [4, [12]],
  305: ascii('somebody'),
});

async function describeFile(bytes: Uint8Array): Promise<{ text: string; rest: unknown }> {
  const file = await parseTiff(sourceOf(bytes), DEFAULT_LIMITS);
  const text = await readDescription(file);
  const rest: unknown[] = [];
  for (const ifd of file.ifds) {
    for (const { tag } of ifd.list()) {
      if (tag === 270 && ifd === file.ifds[0]) continue;
      rest.push(tag, await ifd.text(tag), [...((await ifd.numbers(tag)) ?? [])]);
    }
  }
  return { text: text ? Buffer.from(text).toString('utf8') : '', rest };
}

const OLD = 'the old description µ';
const texts: Readonly<Record<string, string>> = {
  shorter: 'short µm',
  equal: 'the new description µ',
  longer: 'a description that is longer than the old one µ',
  tiny: 'abc',
};

for (const order of ['le', 'be'] as const) {
  for (const big of [false, true]) {
    for (const before of [OLD, 'ab', undefined]) {
      describe(`${big ? 'BigTIFF' : 'classic'}, ${order}, ${before === undefined ? 'no description' : before}`, () => {
        for (const [name, text] of Object.entries(texts)) {
          it(`takes a ${name} text, and can be read after every step`, async () => {
            let bytes = tiffBytes([page(before), page('the second')], { order, big });
            const original = bytes.length;
            const { rest } = await describeFile(bytes);
            const steps = await replaceDescription(await parseTiff(sourceOf(bytes), DEFAULT_LIMITS), Buffer.from(text));
            for (const step of steps) {
              bytes = apply(bytes, step);
              const now = await describeFile(bytes);
              expect([before ?? '', text]).toContain(now.text);
              expect(now.rest).toEqual(rest);
            }
            expect((await describeFile(bytes)).text).toBe(text);
            if (before === OLD && name !== 'longer') expect(bytes.length).toBe(original);
          });
        }
      });
    }
  }
}

it('refuses a text for which a classic file has no room', async () => {
  const bytes = tiffBytes([page(OLD)]);
  const source = sourceOf(bytes);
  const file = await parseTiff({ ...source, size: 2 ** 32 - 4 }, DEFAULT_LIMITS);
  await expect(replaceDescription(file, Buffer.from(texts.longer!))).rejects.toMatchObject({ code: 'CLASSIC_TIFF' });
  expect(await replaceDescription(file, Buffer.from(texts.shorter!))).toHaveLength(2);
});
