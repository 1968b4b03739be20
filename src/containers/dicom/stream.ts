// What the header of a compressed frame says of its samples: the data set around it is not always right.

import { readSize } from '../../codecs/jpeg2000/size.js';
import { ImgconvError } from '../../core/errors.js';
import type { FrameCoding } from './syntax.js';

export interface StreamInfo {
  readonly bits: number;
  readonly signed: boolean;
  readonly samples: number;
  /** The stream's own colour transform is undone by its decoder. */
  readonly transformed?: boolean;
  /** JPEG: a lossless frame, whose components are never transformed. */
  readonly lossless?: boolean;
  /** JPEG: a JFIF or Adobe marker says what the components are. */
  readonly marked?: boolean;
}

/** From the first bytes of a frame; undefined where they do not tell. */
export function streamInfo(bytes: Uint8Array, coding: FrameCoding): StreamInfo | undefined {
  switch (coding) {
    case 'jpeg':
    case 'jpeg-lossless':
    case 'jpegls':
      return frameHeader(bytes);
    case 'jpeg2000':
    case 'htj2k':
      return codeStream(bytes);
    default:
      return undefined;
  }
}

/** SOF of JPEG (ITU-T T.81 B.2.2) and JPEG-LS (ISO/IEC 14495-1 C.2.2). */
function frameHeader(bytes: Uint8Array): StreamInfo | undefined {
  let marked = false;
  for (let at = 2; at + 10 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return undefined;
    marked ||=
      (marker === 0xe0 && startsWith(bytes, at + 4, 'JFIF')) || (marker === 0xee && startsWith(bytes, at + 4, 'Adobe'));
    const isFrame = (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;
    if (isFrame) {
      return {
        bits: bytes[at + 4]!,
        signed: false,
        samples: bytes[at + 9]!,
        lossless: marker === 0xc3 || marker === 0xf7,
        marked,
      };
    }
    at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
  }
  return undefined;
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  return [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
}

/** SIZ and COD of JPEG 2000 (ISO/IEC 15444-1 A.5.1, A.6.1). */
function codeStream(bytes: Uint8Array): StreamInfo | undefined {
  try {
    const { start, components } = readSize(bytes);
    return {
      bits: Math.max(...components.map((component) => component.bits)),
      signed: components.some((component) => component.signed),
      samples: components.length,
      transformed: hasTransform(bytes, start),
    };
  } catch (error) {
    if (error instanceof ImgconvError) return undefined;
    throw error;
  }
}

function hasTransform(bytes: Uint8Array, start: number): boolean {
  for (let at = start + 2; at + 9 <= bytes.length; ) {
    const marker = (bytes[at]! << 8) | bytes[at + 1]!;
    if (marker === 0xff52) return bytes[at + 8] === 1;
    if (marker === 0xff90 || marker === 0xff93 || marker < 0xff00) return false;
    at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
  }
  return false;
}
