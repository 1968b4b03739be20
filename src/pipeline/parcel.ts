// Chunks on their way from a worker to the stream: small ones travel together, since each message costs as much as coding some kilobytes.

import type { Tczyx } from '../core/geometry.js';

const PARCEL_BYTES = 256 * 2 ** 10;

export interface ParcelChunk {
  readonly image: number;
  readonly level: number;
  readonly position: Tczyx;
  /** Place in the parcel's bytes. */
  readonly offset: number;
  readonly length: number;
}

export interface Parcel {
  readonly region: number;
  readonly chunks: readonly ParcelChunk[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Gathers chunks of one region after the other. */
export class ParcelMaker {
  #bytes = new Uint8Array(PARCEL_BYTES);
  #used = 0;
  #chunks: ParcelChunk[] = [];
  #region = -1;

  constructor(private readonly send: (parcel: Parcel) => void) {}

  /** Copies the bytes. */
  add(region: number, image: number, level: number, position: Tczyx, bytes: Uint8Array): void {
    if (region !== this.#region || this.#used + bytes.length > this.#bytes.length) this.flush();
    this.#region = region;
    if (bytes.length > PARCEL_BYTES) {
      const chunk = { image, level, position, offset: 0, length: bytes.length };
      this.send({ region, chunks: [chunk], bytes: bytes.slice() });
      return;
    }
    this.#bytes.set(bytes, this.#used);
    this.#chunks.push({ image, level, position, offset: this.#used, length: bytes.length });
    this.#used += bytes.length;
  }

  /** Hand over what is gathered. */
  flush(): void {
    if (this.#chunks.length === 0) return;
    this.send({ region: this.#region, chunks: this.#chunks, bytes: this.#bytes.slice(0, this.#used) });
    this.#chunks = [];
    this.#used = 0;
  }
}
