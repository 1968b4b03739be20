// Small pictures as PNG (PNG specification, third edition) or JPEG.

import { crc32 } from 'node:zlib';
import { codecTable } from '../codecs/table.js';
import { loadKernels } from '../kernels/load.js';
import type { Picture } from './preview.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG_QUALITY = 90;

async function encode(
  bytes: Uint8Array,
  step: { id: string; [key: string]: string | number },
  picture: Picture,
): Promise<Uint8Array> {
  const codec = await codecTable.get(step.id)!();
  const { width, height } = picture;
  const block = { width, height, depth: 1, samples: 3, type: 'uint8', bytes: bytes.length } as const;
  const context = { kernels: await loadKernels(), block, position: [0, 0, 0, 0, 0] as const, maxBytes: 2 ** 30 };
  return (await codec.encode!(bytes, step, context)).slice();
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

async function png(picture: Picture): Promise<Uint8Array> {
  const { width, height, rgb } = picture;
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  // 8 bits, RGB, deflate, adaptive filtering, no interlace.
  header.set([8, 2, 0, 0, 0], 8);
  // Filter type 1 (Sub) on every row.
  const rows = new Uint8Array(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    const from = y * width * 3;
    const to = y * (1 + width * 3);
    rows[to] = 1;
    for (let i = 0; i < width * 3; i++) rows[to + 1 + i] = rgb[from + i]! - (i >= 3 ? rgb[from + i - 3]! : 0);
  }
  const data = await encode(rows, { id: 'zlib', level: 6 }, picture);
  return Buffer.concat([
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** The picture as a file: JPEG for names that end in .jpg or .jpeg, else PNG. */
export async function encodePicture(picture: Picture, name: string): Promise<Uint8Array> {
  if (!/\.jpe?g$/i.test(name)) return png(picture);
  return encode(
    picture.rgb,
    { id: 'jpeg', quality: JPEG_QUALITY, color: 'ycbcr', bits: 8, subsampling: '420' },
    picture,
  );
}
