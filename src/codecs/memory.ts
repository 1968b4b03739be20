// Where byte codecs take their bytes from and put their results: two output buffers in kernel memory, used by turns along a chain.

import { ImgconvError } from '../core/errors.js';
import type { Kernels } from '../kernels/kernels.js';
import type { CodecContext } from './contract.js';

/** The result handed out last, which only the next step of the same chain may hold: it may be changed in place. */
const results = new WeakMap<Kernels, Uint8Array>();

/** Kernel sizes are signed 32-bit numbers. */
const LARGEST = 2 ** 31 - 65_536;

/** Refuse output beyond the limit before memory is taken. */
export function checkSize(bytes: number, context: CodecContext): void {
  if (bytes <= context.maxBytes && bytes <= LARGEST) return;
  const limit = Math.min(context.maxBytes, LARGEST);
  throw new ImgconvError(
    'limit',
    'BLOCK_SIZE',
    `a block decodes to ${bytes} bytes, more than the limit of ${limit}; if the file is sound, --memory raises the limit`,
  );
}

/** Pointer to the input; copied into kernel memory if it lies elsewhere. Note its length before: growing memory empties views. */
export function inputPointer(input: Uint8Array, context: CodecContext): number {
  checkSize(input.length, context);
  return context.kernels.place(input, 'codec.input');
}

/** Room for a result that does not overlap the input. Take the input's pointer first: memory may grow here. */
export function outputPointer(context: CodecContext, input: number, inputBytes: number, bytes: number): number {
  const { kernels } = context;
  const first = kernels.scratch('codec.a', bytes);
  return first >= input + inputBytes || first + bytes <= input ? first : kernels.scratch('codec.b', bytes);
}

/** The bytes at `ptr` as a codec's result. */
export function result(context: CodecContext, ptr: number, bytes: number): Uint8Array {
  const view = context.kernels.view(ptr, bytes);
  results.set(context.kernels, view);
  return view;
}

/** The input's bytes where they may be changed: its own memory if it is the result of the step before, else a copy. */
export function editable(input: Uint8Array, context: CodecContext): number {
  const { kernels } = context;
  if (results.get(kernels) === input && kernels.owns(input)) return input.byteOffset;
  checkSize(input.length, context);
  const { byteOffset, length } = input;
  const owned = kernels.owns(input);
  const ptr = outputPointer(context, owned ? byteOffset : 0, owned ? length : 0, length);
  // Memory may have grown and left the view empty; its address still holds.
  kernels.view(ptr, length).set(owned ? kernels.view(byteOffset, length) : input);
  return ptr;
}

type Kernel = (dst: number, capacity: number, src: number, bytes: number) => number;

/** Run a kernel whose output fits into `capacity`; undefined where it says -1 (broken). */
export function run(
  input: Uint8Array,
  context: CodecContext,
  capacity: number,
  kernel: Kernel,
): Uint8Array | undefined {
  checkSize(capacity, context);
  const length = input.length;
  const src = inputPointer(input, context);
  const dst = outputPointer(context, src, length, capacity);
  const bytes = kernel(dst, capacity, src, length);
  return bytes < 0 ? undefined : result(context, dst, bytes);
}
