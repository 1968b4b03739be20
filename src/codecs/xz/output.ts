// Output of a decoder that does not know its size: grows, up to a limit.

import { ImgconvError } from '../../core/errors.js';

export class Output {
  bytes: Uint8Array;
  length = 0;

  constructor(
    expected: number,
    private readonly limit: number,
  ) {
    this.bytes = new Uint8Array(Math.max(64, Math.min(expected, limit)));
  }

  /** Make room for `more` bytes; `bytes` may be another array afterwards. */
  reserve(more: number): void {
    const wanted = this.length + more;
    if (wanted <= this.bytes.length) return;
    if (wanted > this.limit) {
      throw new ImgconvError('limit', 'BLOCK_SIZE', `a block decodes to more than the limit of ${this.limit} bytes`);
    }
    const larger = new Uint8Array(Math.min(this.limit, Math.max(wanted, this.bytes.length * 2)));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
