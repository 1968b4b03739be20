// Numbers written as text (NRRD encodings ascii and hex), decode only.
//
// ascii: type (default: the block's): numbers between white space or commas · hex: two digits a byte, white space between them

import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import { bytesPerSample, type PixelType } from '../core/pixel-type.js';
import type { Codec, CodecContext } from './contract.js';
import { checkSize } from './memory.js';

function isSeparator(byte: number): boolean {
  return byte <= 32 || byte === 44;
}

function put(view: DataView, at: number, type: PixelType, text: string): void {
  if (type === 'int64' || type === 'uint64') {
    if (!/^[+-]?\d+$/.test(text))
      throw formatError('TEXT_NUMBER', `not a whole number: ${JSON.stringify(text.slice(0, 40))}`);
    view.setBigUint64(at, BigInt.asUintN(64, BigInt(text.replace(/^\+/, ''))), true);
    return;
  }
  const value = /^[+-]?nan$/i.test(text) ? Number.NaN : Number(text.replace(/^([+-]?)inf(inity)?$/i, '$1Infinity'));
  if (Number.isNaN(value) && !/nan/i.test(text)) {
    throw formatError('TEXT_NUMBER', `not a number: ${JSON.stringify(text.slice(0, 40))}`);
  }
  switch (type) {
    case 'int8':
    case 'uint8':
      view.setUint8(at, value);
      return;
    case 'int16':
    case 'uint16':
      view.setUint16(at, value, true);
      return;
    case 'int32':
    case 'uint32':
      view.setUint32(at, value, true);
      return;
    case 'float':
      view.setFloat32(at, value, true);
      return;
    default:
      view.setFloat64(at, value, true);
      return;
  }
}

function decodeAscii(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const type = (step.type as PixelType | undefined) ?? context.block.type;
  const size = bytesPerSample(type);
  checkSize(context.block.bytes, context);
  const out = new Uint8Array(context.block.bytes);
  const view = new DataView(out.buffer);
  const text = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  let at = 0;
  let i = 0;
  while (at + size <= out.length) {
    while (i < input.length && isSeparator(input[i]!)) i++;
    if (i >= input.length) break;
    const from = i;
    while (i < input.length && !isSeparator(input[i]!)) i++;
    put(view, at, type, text.toString('latin1', from, i));
    at += size;
  }
  return out.subarray(0, at);
}

function digit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

export const ascii: Codec = { id: 'ascii', decode: decodeAscii };

export const hex: Codec = {
  id: 'hex',
  decode(input) {
    const out = new Uint8Array(input.length >> 1);
    let length = 0;
    let high = -1;
    for (const byte of input) {
      const value = digit(byte);
      if (value < 0) {
        if (isSeparator(byte)) continue;
        throw formatError('TEXT_NUMBER', `not a hexadecimal digit: ${JSON.stringify(String.fromCharCode(byte))}`);
      }
      if (high < 0) high = value;
      else {
        out[length++] = high * 16 + value;
        high = -1;
      }
    }
    return out.subarray(0, length);
  },
};
