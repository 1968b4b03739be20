// One JPEG stream cut at its restart markers (ITU-T T.81, B.2.4.4 and E.1.4): after each marker decoding starts anew, so every interval is an
// image of its own when it gets the stream's header. Planes of more than 65,535 pixels, which JPEG cannot say, are only readable this way.

import type { Chain } from '../../src/core/blocks.js';
import type { ByteSource } from '../../src/core/contracts.js';

export interface RestartGrid {
  /** Pixels of one interval. */
  readonly width: number;
  readonly height: number;
  /** First entropy-coded byte of each interval, file positions. */
  readonly offset: Float64Array;
  /** Bytes up to the next marker. */
  readonly length: Float64Array;
  readonly chain: Chain;
}

export interface JpegHeader {
  /** Everything up to and with SOS, without DRI; the frame as wide as an interval. */
  readonly bytes: Uint8Array;
  /** Length of the header in the stream. */
  readonly stored: number;
  /** MCUs between markers, 0 = none. */
  readonly interval: number;
  /** Pixels of an MCU. */
  readonly mcuWidth: number;
  readonly mcuHeight: number;
  /** Pixels as the frame has them, 0 where they do not fit. */
  readonly width: number;
  readonly height: number;
}

const MOST_HEADER = 1 << 16;

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Segments up to SOS of a baseline frame; undefined for streams that cannot be cut. */
export function parseHeader(stream: Uint8Array): JpegHeader | undefined {
  if (stream[0] !== 0xff || stream[1] !== 0xd8) return undefined;
  const kept: Uint8Array[] = [stream.slice(0, 2)];
  let interval = 0;
  let frame: Uint8Array | undefined;
  let [mcuWidth, mcuHeight] = [8, 8];
  for (let at = 2; at + 4 <= stream.length; ) {
    if (stream[at] !== 0xff) return undefined;
    const marker = stream[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = word(stream, at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > stream.length) return undefined;
    const segment = stream.slice(at, end);
    if (marker === 0xdd) interval = word(segment, 4);
    else if (marker === 0xc0 || marker === 0xc1) {
      if (segment.length < 10 + 3 * segment[9]!) return undefined;
      frame = segment;
      const factors = Array.from({ length: segment[9]! }, (_, i) => segment[11 + 3 * i]!);
      // A single component is never interleaved: its MCU is one block whatever its factors say.
      if (factors.length > 1) {
        mcuWidth = 8 * Math.max(1, ...factors.map((each) => each >> 4));
        mcuHeight = 8 * Math.max(1, ...factors.map((each) => each & 15));
      }
      kept.push(segment);
    } else if (
      (marker >= 0xc2 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) ||
      marker === 0xd9
    ) {
      return undefined;
    } else kept.push(segment);
    at = end;
    if (marker !== 0xda) continue;
    if (!frame) return undefined;
    const [height, width] = [word(frame, 5), word(frame, 7)];
    const across = interval * mcuWidth;
    if (across < 65536) {
      frame[7] = across >> 8;
      frame[8] = across & 255;
    }
    const bytes = new Uint8Array(kept.reduce((sum, each) => sum + each.length, 0));
    let to = 0;
    for (const each of kept) {
      bytes.set(each, to);
      to += each.length;
    }
    return { bytes, stored: end, interval, mcuWidth, mcuHeight, width, height };
  }
  return undefined;
}

export async function readHeader(source: ByteSource, offset: number, length: number): Promise<JpegHeader | undefined> {
  if (!(offset > 0) || offset >= source.size) return undefined;
  const bytes = Math.min(MOST_HEADER, length, source.size - offset);
  return parseHeader(await source.read(offset, bytes));
}

/** True if a restart marker stands before each of some intervals: tables of starts may be stale. */
async function startsAreReal(source: ByteSource, starts: Float64Array, end: number): Promise<boolean> {
  const n = starts.length;
  const probes = new Set([1, 2, n >> 2, n >> 1, n - 2, n - 1].filter((i) => i >= 1 && i < n));
  for (const i of probes) {
    const at = starts[i]!;
    if (!(at > starts[i - 1]! && at <= end)) return false;
    const marker = await source.read(at - 2, 2);
    if (marker[0] !== 0xff || marker[1] !== 0xd0 + ((i - 1) & 7)) return false;
  }
  return starts.every((at, i) => i === 0 || at > starts[i - 1]!);
}

const PIECE = 4 * 2 ** 20;

/** Positions behind all restart markers of a scan: one pass over the stream, for files whose table is missing or wrong. */
async function scanStarts(
  source: ByteSource,
  first: number,
  end: number,
  count: number,
): Promise<Float64Array | undefined> {
  const starts = new Float64Array(count);
  starts[0] = first;
  let found = 1;
  let last = 0;
  for (let at = first; at < end && found < count; at += PIECE) {
    const bytes = await source.read(at, Math.min(PIECE, end - at));
    for (let i = 0; i < bytes.length && found < count; i++) {
      const byte = bytes[i]!;
      if (last === 0xff && byte >= 0xd0 && byte <= 0xd7) starts[found++] = at + i + 1;
      last = byte;
    }
  }
  return found === count ? starts : undefined;
}

/**
 * Grid of intervals; undefined where the stream has no restart markers, or intervals that do not tile the image.
 * @param starts positions of intervals relative to the stream, from the file's own table
 */
export async function restartGrid(
  source: ByteSource,
  stream: { readonly offset: number; readonly length: number },
  image: { readonly width: number; readonly height: number; readonly color: string; readonly bits: number },
  starts: Float64Array | undefined,
): Promise<RestartGrid | undefined> {
  const header = await readHeader(source, stream.offset, stream.length);
  if (!header || header.interval === 0) return undefined;
  const width = header.interval * header.mcuWidth;
  const perRow = Math.ceil(image.width / header.mcuWidth);
  if (perRow % header.interval !== 0 || width > 65535) return undefined;
  const count = (perRow / header.interval) * Math.ceil(image.height / header.mcuHeight);
  const end = Math.min(stream.offset + stream.length, source.size);
  let offset: Float64Array | undefined = starts?.length === count ? starts.map((at) => at + stream.offset) : undefined;
  if (offset && (offset[0] !== stream.offset + header.stored || !(await startsAreReal(source, offset, end))))
    offset = undefined;
  offset ??= await scanStarts(source, stream.offset + header.stored, end, count);
  if (!offset) return undefined;
  const length = offset.map((at, i) => (i + 1 < count ? offset[i + 1]! - 2 : end) - at);
  const step = { id: 'jpeg', header: header.bytes, color: image.color, bits: image.bits };
  return { width, height: header.mcuHeight, offset, length, chain: { codecs: [step], order: 'tzyxc' } };
}
