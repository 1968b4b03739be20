// The MQ arithmetic encoder (ITU-T T.800 C.2).

import { AFTER, CONTEXTS } from './mq';

let a: u32 = 0;
let c: u32 = 0;
let ct: i32 = 0;
/** The byte that may still get a carry. */
let bp: usize = 0;
let from: usize = 0;

/** Begin at `data`; the byte before it is used as a place for a carry that never comes. */
export function startMq(data: usize): void {
  from = data;
  bp = data - 1;
  store<u8>(bp, 0);
  a = 0x8000;
  c = 0;
  ct = 12;
}

function byteOut(): void {
  if (load<u8>(bp) != 0xff) {
    if (c < 0x8000000) {
      store<u8>(++bp, <u8>(c >> 19));
      c &= 0x7ffff;
      ct = 8;
      return;
    }
    const carried = load<u8>(bp) + 1;
    store<u8>(bp, carried);
    if (carried != 0xff) {
      store<u8>(++bp, <u8>(c >> 19));
      c &= 0x7ffff;
      ct = 8;
      return;
    }
    c &= 0x7ffffff;
  }
  // After 0xFF a byte has seven bits.
  store<u8>(++bp, <u8>(c >> 20));
  c &= 0xfffff;
  ct = 7;
}

export function encode(context: usize, bit: i32): void {
  const at = CONTEXTS + (context << 2);
  const entry = load<u32>(at);
  const qe = entry >> 16;
  a -= qe;
  const mps = <u32>bit == (entry & 1);
  if (mps) {
    if ((a & 0x8000) != 0) {
      c += qe;
      return;
    }
    if (a < qe) a = qe;
    else c += qe;
  } else {
    if (a < qe) c += qe;
    else a = qe;
  }
  store<u32>(at, load<u32>(AFTER + (<usize>(entry & 127) << 3) + (mps ? 0 : 4)));
  do {
    const shift = min(ct, <i32>clz<u32>(a) - 16);
    a <<= <u32>shift;
    c <<= <u32>shift;
    ct -= shift;
    if (ct == 0) byteOut();
  } while ((a & 0x8000) == 0);
}

/** Bytes that make what was encoded so far decodable, whatever follows. */
export function bytesSoFar(): i32 {
  return <i32>(bp + 1 - from) + 5;
}

/** Write what is left; returns the bytes of the segment. */
export function flushMq(): i32 {
  const top = c + a;
  c |= 0xffff;
  if (c >= top) c -= 0x8000;
  c <<= <u32>ct;
  byteOut();
  c <<= <u32>ct;
  byteOut();
  if (load<u8>(bp) != 0xff) bp++;
  return <i32>(bp - from);
}
