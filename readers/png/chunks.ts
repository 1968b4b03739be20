// Walks the chunks of a PNG file: small ones are read, image data is skipped.

import { crc32, inflateSync } from 'node:zlib';
import type { ByteSource, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';

export interface Chunk {
  readonly type: string;
  /** Offset of the data. */
  readonly offset: number;
  readonly length: number;
  /** Undefined for image data and what is too large. */
  readonly data?: Uint8Array;
}

/** Chunks that hold pixels. */
const IMAGE = new Set(['IDAT', 'fdAT']);
const BUFFER = 2 ** 16;

/** All chunks up to IEND or the end of the file. */
export async function readChunks(source: ByteSource, options: OpenOptions): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const file = source.name;
  let buffer: Uint8Array = new Uint8Array(0);
  let start = 0;
  let total = 0;
  const have = async (at: number, length: number): Promise<Uint8Array> => {
    if (at < start || at + length > start + buffer.length) {
      start = at;
      buffer = await source.read(at, Math.min(Math.max(length, BUFFER), source.size - at));
    }
    return buffer.subarray(at - start, at - start + length);
  };
  for (let at = 8; ; ) {
    if (at + 12 > source.size) {
      options.notice({ code: 'TRUNCATED', rank: 'damage', text: 'the PNG file ends without its IEND chunk' });
      return chunks;
    }
    const head = await have(at, 8);
    const view = new DataView(head.buffer, head.byteOffset, 8);
    const length = view.getUint32(0);
    const type = String.fromCharCode(...head.subarray(4, 8));
    if (!/^[A-Za-z]{4}$/.test(type) && chunks.some((c) => c.type === 'IDAT')) {
      options.notice({ code: 'PNG_CHUNK', rank: 'damage', text: `no chunk at offset ${at}; what follows is lost` });
      return chunks;
    }
    if (!/^[A-Za-z]{4}$/.test(type))
      throw formatError('PNG_CHUNK', `${file}: no chunk at offset ${at}`, { file, offset: at });
    const offset = at + 8;
    if (chunks.length >= options.limits.directories) {
      throw new ImgconvError('limit', 'DIRECTORIES', `${file}: more than ${chunks.length} chunks`, { file });
    }
    const whole = offset + length + 4 <= source.size;
    total += IMAGE.has(type) ? 0 : length;
    if (IMAGE.has(type) || !whole || total > options.limits.metadataBytes) {
      chunks.push({ type, offset, length: Math.min(length, source.size - offset) });
    } else {
      const body = (await have(offset - 4, length + 8)).slice();
      const data = body.subarray(4, length + 4);
      const stored = new DataView(body.buffer).getUint32(length + 4);
      if (crc32(body.subarray(0, length + 4)) !== stored) {
        options.notice({
          code: 'PNG_CRC',
          rank: 'damage',
          text: `the checksum of the ${type} chunk at offset ${at} is wrong`,
        });
      }
      chunks.push({ type, offset, length, data });
    }
    if (type === 'IEND') return chunks;
    at = offset + length + 4;
  }
}

/** Keyword and text of tEXt, zTXt and iTXt chunks; what does not decode, or to more than `limit` bytes, by its size alone. */
export function readText({ type, data }: Chunk, limit: number): { keyword: string; text: string } | undefined {
  const zero = data?.indexOf(0) ?? -1;
  if (!data || zero < 1) return undefined;
  const keyword = Buffer.from(data.subarray(0, zero)).toString('latin1');
  const unpack = (bytes: Uint8Array) => inflateSync(bytes, { maxOutputLength: Math.max(1, limit) });
  try {
    if (type === 'tEXt') return { keyword, text: Buffer.from(data.subarray(zero + 1)).toString('latin1') };
    if (type === 'zTXt') return { keyword, text: unpack(data.subarray(zero + 2)).toString('latin1') };
    // iTXt: compression flag and method, language, translated keyword, text.
    const language = data.indexOf(0, zero + 3);
    const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
    if (translated < 0) return undefined;
    const rest = data.subarray(translated + 1);
    return { keyword, text: (data[zero + 1] === 1 ? unpack(rest) : Buffer.from(rest)).toString('utf8') };
  } catch {
    return { keyword, text: `${data.length} bytes` };
  }
}
