// UUIDs of files: made from what is written, so that equal conversions give equal bytes; or random.

import { createHash, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Collects what distinguishes a file. */
export class Identity {
  #checksum = 0;
  #bytes = 0;

  /** Tiles in file order. */
  add(bytes: Uint8Array): void {
    this.#checksum = crc32(bytes, this.#checksum);
    this.#bytes += bytes.length;
  }

  /** `urn:uuid:…`, version 8 of RFC 9562: from the tiles and the text that describes them. */
  uuid(description: string): string {
    const hash = createHash('sha256').update(`${this.#checksum} ${this.#bytes} ${description}`).digest();
    hash[6] = (hash[6]! & 0x0f) | 0x80;
    hash[8] = (hash[8]! & 0x3f) | 0x80;
    const hex = hash.subarray(0, 16).toString('hex');
    return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}

export function randomUrn(): string {
  return `urn:uuid:${randomUUID()}`;
}
