// Loads the kernels and keeps their memory: an arena that only grows, with named scratch buffers in it.

import { readFile } from 'node:fs/promises';
import { ImgconvError } from '../core/errors.js';
import type { KernelExports, Kernels } from './kernels.js';

const PAGE = 65_536;
const ALIGN = 64;

let compiled: Promise<WebAssembly.Module> | undefined;

/** The built module lies beside the bundle, or in dist/ when run from source. */
async function readModule(): Promise<WebAssembly.Module> {
  const name = import.meta.url.endsWith('.ts') ? '../../dist/kernels.wasm' : './kernels.wasm';
  const url = new URL(name, import.meta.url);
  try {
    return await WebAssembly.compile(await readFile(url));
  } catch (error) {
    throw new ImgconvError('internal', 'KERNELS_MISSING', 'cannot load kernels.wasm; run `npm run build`', {}, error);
  }
}

/** The compiled module, once a thread; threads may hand it to each other. */
function compileKernels(): Promise<WebAssembly.Module> {
  compiled ??= readModule();
  return compiled;
}

/** A fresh instance with memory of its own. */
export async function loadKernels(): Promise<Kernels> {
  return createKernels(await compileKernels());
}

/** The same for a module that is compiled already. */
function createKernels(module: WebAssembly.Module): Kernels {
  return new KernelMemory(new WebAssembly.Instance(module).exports as unknown as KernelExports);
}

interface Block {
  readonly ptr: number;
  readonly bytes: number;
}

class KernelMemory implements Kernels {
  private readonly base: number;
  private top: number;
  private readonly blocks = new Map<string, Block>();

  constructor(readonly x: KernelExports) {
    this.base = roundUp(x.__heap_base.value as number);
    this.top = this.base;
  }

  get size(): number {
    return this.top;
  }

  alloc(bytes: number): number {
    const ptr = this.top;
    this.top = this.reserve(ptr, bytes);
    return ptr;
  }

  scratch(name: string, bytes: number): number {
    const old = this.blocks.get(name);
    if (old && old.bytes >= bytes) return old.ptr;
    // Half as much again, so that slowly rising sizes leave little unused memory behind.
    const wanted = Math.max(bytes, old ? Math.min(old.bytes * 1.5, old.bytes + 2 ** 26) : 0);
    const ptr = old && old.ptr + old.bytes === this.top ? old.ptr : this.top;
    this.top = this.reserve(ptr, wanted);
    this.blocks.set(name, { ptr, bytes: this.top - ptr });
    return ptr;
  }

  /** Make memory reach to ptr + bytes; the rounded end. */
  private reserve(ptr: number, bytes: number): number {
    const end = roundUp(ptr + Math.max(bytes, 1));
    if (!(end <= 2 ** 32)) throw this.full(bytes);
    const missing = end - this.x.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.x.memory.grow(Math.ceil(missing / PAGE));
      } catch (error) {
        throw this.full(bytes, error);
      }
    }
    return end;
  }

  reset(): void {
    this.top = this.base;
    this.blocks.clear();
  }

  view(ptr: number, bytes: number): Uint8Array {
    return new Uint8Array(this.x.memory.buffer, ptr, bytes);
  }

  owns(array: Uint8Array): boolean {
    return array.buffer === this.x.memory.buffer;
  }

  place(array: Uint8Array, name: string): number {
    if (this.owns(array)) return array.byteOffset;
    const ptr = this.scratch(name, array.byteLength);
    this.view(ptr, array.byteLength).set(array);
    return ptr;
  }

  private full(bytes: number, cause?: unknown): ImgconvError {
    const text = `a buffer of ${bytes} bytes does not fit into the 4 GiB of a worker; choose smaller chunks or shards`;
    return new ImgconvError('limit', 'KERNEL_MEMORY', text, {}, cause);
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}
