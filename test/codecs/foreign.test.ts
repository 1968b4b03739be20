// Blocks that other software encoded: fixtures/codecs/generate.py.

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

const url = new URL('../../fixtures/codecs/cases.json', import.meta.url);
const cases = JSON.parse(readFileSync(url, 'utf8')) as Case[];

/** Snappy appears in Blosc frames alone: a frame of one unsplit block. */
function inBlosc(stream: Uint8Array, bytes: number): Uint8Array {
  const frame = new Uint8Array(24 + stream.length);
  const view = new DataView(frame.buffer);
  frame.set([2, 1, (2 << 5) | 16, 1]);
  view.setUint32(4, bytes, true);
  view.setUint32(8, bytes, true);
  view.setUint32(12, frame.length, true);
  view.setUint32(16, 20, true);
  view.setUint32(20, stream.length, true);
  frame.set(stream, 24);
  return frame;
}

function blockBytes(one: Case): { step: CodecStep; encoded: Uint8Array } {
  const encoded = Uint8Array.from(Buffer.from(one.encoded, 'base64'));
  return one.step.id === 'snappy'
    ? { step: { id: 'blosc' }, encoded: inBlosc(encoded, one.bytes) }
    : { step: one.step, encoded };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('encoded by others', () => {
  it('has cases', () => expect(cases.length).toBeGreaterThan(50));
  for (const one of cases) {
    it(one.name, async () => {
      const { step, encoded } = blockBytes(one);
      const before = encoded.slice();
      const context = contextOf(one.block);
      const plain = await decode(step, encoded, context);
      expect(plain.length).toBe(one.bytes);
      expect(sha256(plain)).toBe(one.sha256);
      // From kernel memory, which has to grow for the result; the input is never written to.
      const fresh = await loadKernels();
      const ptr = fresh.alloc(encoded.length);
      const inside = fresh.view(ptr, encoded.length);
      inside.set(encoded);
      expect(sha256(await decode(step, inside, { ...context, kernels: fresh }))).toBe(one.sha256);
      expect(Buffer.compare(fresh.view(ptr, encoded.length), before)).toBe(0);
      expect(Buffer.compare(encoded, before)).toBe(0);
    });
  }
});

describe('broken streams', () => {
  for (const one of cases) {
    it(one.name, async () => {
      const next = random(one.encoded.length);
      const { step, encoded } = blockBytes(one);
      const maxBytes = one.bytes * 2 + 1000;
      for (let i = 0; i < 30; i++) {
        const broken = encoded.slice(0, i % 3 ? encoded.length : Math.floor(next() * encoded.length));
        for (let k = 0; k < next() * 4 && broken.length > 0; k++)
          broken[Math.floor(next() * broken.length)] = next() * 256;
        try {
          const out = await decode(step, broken, contextOf(one.block, maxBytes));
          expect(out.length).toBeLessThanOrEqual(maxBytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ImgconvError);
          expect((error as ImgconvError).blame).toMatch(/^(format|limit|unsupported)$/);
        }
      }
    });
  }
});
