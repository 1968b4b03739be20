// Shared by codec tests: contexts, and codecs by id.

import type { BlockInfo, Codec, CodecContext } from '../../src/codecs/contract.js';
import { codecTable } from '../../src/codecs/table.js';
import type { CodecStep } from '../../src/core/blocks.js';
import { bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import type { Kernels } from '../../src/kernels/kernels.js';
import { loadKernels } from '../../src/kernels/load.js';

export const kernels: Kernels = await loadKernels();

interface Extent {
  readonly width: number;
  readonly height: number;
  readonly samples?: number;
  readonly type: PixelType;
}

export function blockOf({ width, height, samples = 1, type }: Extent): BlockInfo {
  return { width, height, depth: 1, samples, type, bytes: width * height * samples * bytesPerSample(type) };
}

export function contextOf(extent: Extent, maxBytes = 2 ** 28): CodecContext {
  return { kernels, block: blockOf(extent), position: [0, 0, 0, 0, 0], maxBytes };
}

/** A row of bytes. */
export function bytesContext(bytes: number, maxBytes = 2 ** 28): CodecContext {
  return contextOf({ width: bytes, height: 1, type: 'uint8' }, maxBytes);
}

const loaded = new Map<string, Codec>();

export async function codecOf(id: string): Promise<Codec> {
  const codec = loaded.get(id) ?? (await codecTable.get(id)?.());
  if (!codec) throw new Error(`no codec ${id}`);
  loaded.set(id, codec);
  return codec;
}

export async function decode(step: CodecStep, input: Uint8Array, context: CodecContext): Promise<Uint8Array> {
  return (await codecOf(step.id)).decode!(input, step, context);
}

/** A copy: results live until the next call. */
export async function encode(step: CodecStep, input: Uint8Array, context: CodecContext): Promise<Uint8Array> {
  return Uint8Array.from(await (await codecOf(step.id)).encode!(input, step, context));
}
