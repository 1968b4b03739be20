// JPEG-LS (ITU-T T.87), lossless and near-lossless, 2–16 bits, any interleaving. No parameters.
// Output: interleaved samples, one byte up to 8 bits, else two, little-endian. A stream that ends early gives the rows before.

import { formatError, unsupported } from '../core/errors.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Codec } from './contract.js';
import { checkSize, fitBlock } from './image-block.js';

interface Frame {
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  /** Component numbers in the order of the frame. */
  readonly components: readonly number[];
}

/** Preset coding parameters (LSE 1): 0 = default. */
interface Preset {
  readonly maximum: number;
  readonly t1: number;
  readonly t2: number;
  readonly t3: number;
  readonly reset: number;
}

const broken = (what: string, offset: number) =>
  formatError('JPEGLS_STREAM', `broken JPEG-LS stream: ${what}`, { offset });
const NO_PRESET: Preset = { maximum: 0, t1: 0, t2: 0, t3: 0, reset: 0 };

class Decoder {
  private frame: Frame | undefined;
  private preset = NO_PRESET;
  private interval = 0;
  private out = 0;
  private rows = 0;
  private readonly seen = new Set<number>();

  constructor(
    private readonly kernels: Kernels,
    private readonly source: number,
    private readonly length: number,
    private readonly maxBytes: number,
  ) {}

  private get data(): DataView {
    return new DataView(this.kernels.x.memory.buffer, this.source, this.length);
  }

  /** All segments and scans. */
  run() {
    let at = 0;
    while (at + 4 <= this.length && !(this.frame && this.seen.size === this.frame.components.length)) {
      const view = this.data;
      const marker = view.getUint16(at);
      if (marker < 0xff80 || marker === 0xffff) {
        at++;
        continue;
      }
      if (marker === 0xffd8 || (marker >= 0xffd0 && marker <= 0xffd7)) {
        at += 2;
        continue;
      }
      if (marker === 0xffd9) break;
      const end = at + 2 + view.getUint16(at + 2);
      if (end < at + 4 || end > this.length) throw broken('a segment is longer than the stream', at);
      const body = new DataView(view.buffer, view.byteOffset + at + 4, end - at - 4);
      try {
        at = this.segment(marker, body, at, end);
      } catch (error) {
        if (error instanceof RangeError) throw broken('a segment is too short', at);
        throw error;
      }
    }
    const { frame } = this;
    if (!frame) throw broken('no frame header', 0);
    if (this.seen.size < frame.components.length)
      throw formatError('TRUNCATED', 'the JPEG-LS stream ends before its last scan');
    const size = frame.precision > 8 ? 2 : 1;
    const samples = frame.components.length;
    const pixels = this.kernels.view(this.out, frame.width * this.rows * samples * size);
    return { pixels, width: frame.width, height: frame.height, samples, size };
  }

  private segment(marker: number, body: DataView, at: number, end: number): number {
    if (marker === 0xfff7) this.readFrame(body, at);
    else if (marker === 0xfff8) this.readPreset(body);
    else if (marker === 0xffdd) this.interval = body.byteLength === 4 ? body.getUint32(0) : body.getUint16(0);
    else if (marker === 0xffe8 && body.byteLength === 5 && body.getUint32(0) === 0x6d726678 && body.getUint8(4) !== 0) {
      throw unsupported('JPEGLS_COLOR', 'the colour transforms of HP are not supported in JPEG-LS');
    } else if (marker === 0xffda) return this.scan(body, at, end);
    return end;
  }

  private readFrame(body: DataView, at: number): void {
    const precision = body.getUint8(0);
    const height = body.getUint16(1);
    const width = body.getUint16(3);
    const count = body.getUint8(5);
    const components = Array.from({ length: count }, (_, i) => {
      const sampling = body.getUint8(7 + 3 * i);
      if (sampling !== 0x11)
        throw unsupported('JPEGLS_SAMPLING', 'JPEG-LS with subsampled components is not supported');
      return body.getUint8(6 + 3 * i);
    });
    if (precision < 2 || precision > 16 || width === 0 || height === 0 || count === 0)
      throw broken('bad frame header', at);
    const size = precision > 8 ? 2 : 1;
    checkSize('a JPEG-LS image', width, height, count * size, this.maxBytes);
    // A run of 2^15 samples takes a bit.
    if (width * height > this.length * 2 ** 18) {
      throw formatError('TRUNCATED', `${this.length} bytes of JPEG-LS data cannot hold ${width} × ${height} pixels`);
    }
    this.frame = { precision, width, height, components };
    this.rows = height;
    this.out = this.kernels.scratch('jpegls.out', width * height * count * size);
  }

  private readPreset(body: DataView): void {
    const kind = body.getUint8(0);
    if (kind === 1) {
      const [maximum, t1, t2, t3, reset] = [1, 3, 5, 7, 9].map((i) => body.getUint16(i));
      this.preset = { maximum: maximum!, t1: t1!, t2: t2!, t3: t3!, reset: reset! };
    } else if (kind !== 4) {
      throw unsupported('JPEGLS_TABLE', 'JPEG-LS mapping tables are not supported');
    }
  }

  private scan(body: DataView, at: number, start: number): number {
    const { frame, kernels } = this;
    if (!frame) throw broken('a scan without a frame', at);
    const count = body.getUint8(0);
    const components = Array.from({ length: count }, (_, i) => frame.components.indexOf(body.getUint8(1 + 2 * i)));
    const near = body.getUint8(1 + 2 * count);
    const interleave = body.getUint8(2 + 2 * count);
    const shift = body.getUint8(3 + 2 * count) & 15;
    const [first] = components;
    const inOrder = components.every((c, i) => c >= 0 && c === first! + i);
    if (count === 0 || !inOrder || interleave > 2 || (interleave === 0 && count > 1))
      throw broken('bad scan header', at);
    if (shift !== 0) throw unsupported('JPEGLS_SHIFT', 'JPEG-LS with a point transform is not supported');
    const maximum = this.preset.maximum || 2 ** frame.precision - 1;
    if (maximum >= 2 ** frame.precision || near > Math.min(255, maximum >> 1))
      throw broken('impossible coding parameters', at);
    const [t1, t2, t3] = thresholds(maximum, near, this.preset);
    const state = kernels.scratch('jpegls.state', 128 + count * 2 * (frame.width + 16) * 4);
    const fields = new Int32Array(kernels.x.memory.buffer, state, 32);
    const size = frame.precision > 8 ? 2 : 1;
    fields.set([frame.width, frame.height, count, interleave, maximum, near, t1, t2, t3, this.preset.reset || 64]);
    fields.set([this.source + start, this.source + this.length, state + 128, this.out, size], 10);
    fields.set([frame.components.length, first!, this.interval, 0, 0], 15);
    kernels.x.jpeglsScan(state);
    const after = new Int32Array(kernels.x.memory.buffer, state, 32);
    this.rows = Math.min(this.rows, after[18]!);
    if (this.rows === 0) throw formatError('TRUNCATED', 'the JPEG-LS data ends or breaks in its first row');
    for (const c of components) this.seen.add(c);
    return after[19]! - this.source;
  }
}

/** Default thresholds (T.87 C.2.4.1.1) where the preset leaves them out. */
function thresholds(maximum: number, near: number, preset: Preset): readonly [number, number, number] {
  const clamp = (value: number, low: number) => (value > maximum || value < low ? low : value);
  const basic = [3, 7, 21].map((base, i) => {
    const floor = [2, 3, 4][i]!;
    const slack = [3, 5, 7][i]! * near;
    if (maximum >= 128) return Math.floor((Math.min(maximum, 4095) + 128) / 256) * (base - floor) + floor + slack;
    return Math.max(floor, Math.floor(base / Math.floor(256 / (maximum + 1))) + slack);
  });
  const t1 = preset.t1 || clamp(basic[0]!, near + 1);
  const t2 = preset.t2 || clamp(basic[1]!, t1);
  const t3 = preset.t3 || clamp(basic[2]!, t2);
  return [t1, t2, t3];
}

export const jpegls: Codec = {
  id: 'jpegls',
  decode(input, step, { kernels, block, maxBytes }) {
    const source = kernels.place(input, 'jpegls.in');
    return fitBlock('JPEG-LS', new Decoder(kernels, source, input.byteLength, maxBytes).run(), block, step);
  },
};
