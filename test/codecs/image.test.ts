// Image streams that other software encoded: fixtures/image-codecs/generate.py.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CodecStep } from '../../src/core/blocks.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { loadKernels } from '../../src/kernels/load.js';
import { random } from '../kernels/model.js';
import { contextOf, decode } from './model.js';

interface Case {
  readonly name: string;
  readonly step: CodecStep;
  readonly block: { width: number; height: number; samples: number; type: PixelType };
  readonly encoded: string;
  readonly bytes: number;
  readonly sha256: string;
}

const url = new URL('../../fixtures/image-codecs/cases.json', import.meta.url);
const cases = JSON.parse(readFileSync(url, 'utf8')) as Case[];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (one: Case) => Uint8Array.from(Buffer.from(one.encoded, 'base64'));

describe('pixels', () => {
  it('has cases', () => expect(cases.length).toBeGreaterThan(150));
  for (const one of cases) {
    it(one.name, async () => {
      const encoded = bytesOf(one);
      const before = encoded.slice();
      const context = contextOf(one.block);
      expect(sha256(await decode(one.step, encoded, context))).toBe(one.sha256);
      expect(Buffer.compare(encoded, before)).toBe(0);
      // From kernel memory, which has to grow for the result.
      const fresh = await loadKernels();
      const ptr = fresh.alloc(encoded.length);
      fresh.view(ptr, encoded.length).set(encoded);
      const inside = fresh.view(ptr, encoded.length);
      expect(sha256(await decode(one.step, inside, { ...context, kernels: fresh }))).toBe(one.sha256);
      expect(Buffer.compare(fresh.view(ptr, encoded.length), before)).toBe(0);
    });
  }
});

describe('broken streams give an error or fewer bytes', () => {
  for (const one of cases) {
    it(one.name, async () => {
      const next = random(one.encoded.length);
      const whole = bytesOf(one);
      const context = contextOf(one.block, one.bytes * 8 + 1000);
      for (let i = 0; i < 6; i++) {
        const broken = whole.slice(0, i % 3 ? whole.length : Math.floor(next() * whole.length));
        for (let k = 0; k < 1 + next() * 4 && broken.length > 0; k++)
          broken[Math.floor(next() * broken.length)] = next() * 256;
        try {
          expect((await decode(one.step, broken, context)).length).toBeLessThanOrEqual(one.bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ImgconvError);
          expect((error as ImgconvError).blame).toMatch(/format|limit|unsupported/);
        }
      }
      // What came before leaves no trace.
      expect(sha256(await decode(one.step, whole, context))).toBe(one.sha256);
    });
  }
});
