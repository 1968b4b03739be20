// Official samples of the OME model and files with one defect each, where the shared material lies beside the repository.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readOmeXml } from '../../src/containers/ome-xml/read.js';
import { validateOmeXml } from '../../src/containers/ome-xml/validate.js';
import { writeOmeXml } from '../../src/containers/ome-xml/write.js';

const SHARED = '../shared/specs-data/ome-xml';
const files = (folder: string): string[] =>
  readdirSync(`${SHARED}/${folder}`).map((name) => `${SHARED}/${folder}/${name}`);
const errors = (input: Uint8Array | string): unknown[] =>
  validateOmeXml(input).filter(({ severity }) => severity === 'error');

describe.skipIf(!existsSync(SHARED))('OME-XML of others (skipped without ../shared)', () => {
  it('accepts every official sample', () => {
    const samples = [...files('samples'), ...files('companion')];
    expect(samples.length).toBeGreaterThan(30);
    for (const file of samples) expect(errors(readFileSync(file)), file).toEqual([]);
  });

  it('refuses every broken file', () => {
    const broken = files('broken');
    expect(broken).toHaveLength(26);
    for (const file of broken) expect(errors(readFileSync(file)), file).not.toEqual([]);
  });

  it('reads and writes every sample without loss', () => {
    for (const file of files('samples')) {
      const { model, original, storage } = readOmeXml(readFileSync(file));
      const losses: string[] = [];
      const text = writeOmeXml(model, {
        pixels: (i) => storage[i]!.tiffData,
        original,
        loss: (each) => losses.push(each),
      });
      expect([losses, original, errors(text)], file).toEqual([[], [], []]);
      expect(readOmeXml(text).model, file).toEqual(model);
    }
  });
});
