// Blocks of progressive scans (ITU-T T.81 Annex G): spectral selection and successive approximation.

import * as S from './state';
import { get } from './state';
import * as bit from './bits';
import { ZIGZAG } from './block';

/** Blocks that still belong to an end-of-band run. */
let band: i32 = 0;
export function endOfBand(run: i32): void {
  band = run;
}

// @ts-ignore: decorator
@inline function slot(block: usize, k: i32): usize {
  return block + (<usize>load<u8>(ZIGZAG + <usize>k) << 1);
}

/** First scan of a coefficient range (G.1.2.1, G.1.2.2). */
export function firstPass(st: usize, c: usize, block: usize, low: i32): bool {
  let k = get(st, S.SPECTRAL_START);
  const end = get(st, S.SPECTRAL_END);
  if (k == 0) {
    if (bit.have < 32) bit.refill();
    const size = bit.symbol(<usize>get(c, S.C_DC));
    if (size < 0 || size > 15) return false;
    let value = get(c, S.C_PREDICTION);
    if (size != 0) {
      value += bit.extend(bit.bits, size);
      bit.take(size);
    }
    store<i32>(c + S.C_PREDICTION, value);
    store<i16>(block, <i16>(value << low));
    return true;
  }
  if (band > 0) {
    band--;
    return true;
  }
  const table = <usize>get(c, S.C_AC);
  while (k <= end) {
    if (bit.have < 32) bit.refill();
    const code = bit.symbol(table);
    if (code < 0) return false;
    const run = code >> 4;
    const size = code & 15;
    if (size == 0) {
      if (run < 15) {
        band = (1 << run) + bit.take(run) - 1;
        return true;
      }
      k += 16;
      continue;
    }
    k += run;
    if (k > end) return false;
    const value = bit.extend(bit.bits, size);
    bit.take(size);
    store<i16>(slot(block, k), <i16>(value << low));
    k++;
  }
  return true;
}

/** One more bit of coefficients k … end that are already nonzero, until `zeros` zero ones were passed. Returns the index that stopped it. */
function correct(block: usize, k: i32, end: i32, zeros: i32, one: i32): i32 {
  for (; k <= end; k++) {
    const at = slot(block, k);
    const value = <i32>load<i16>(at);
    if (value == 0) {
      if (zeros-- == 0) break;
      continue;
    }
    if (bit.have < 16) bit.refill();
    // A bit that is set already means a repeated scan; it changes nothing.
    if (bit.take(1) != 0 && (value & one) == 0) store<i16>(at, <i16>(value > 0 ? value + one : value - one));
  }
  return k;
}

/** Later scans of a range (G.1.2.3). */
export function refine(st: usize, c: usize, block: usize, low: i32): bool {
  let k = get(st, S.SPECTRAL_START);
  const end = get(st, S.SPECTRAL_END);
  const one = 1 << low;
  if (bit.have < 32) bit.refill();
  if (k == 0) {
    if (bit.take(1) != 0) store<i16>(block, <i16>(<i32>load<i16>(block) | one));
    return true;
  }
  if (band > 0) {
    band--;
    correct(block, k, end, 64, one);
    return true;
  }
  const table = <usize>get(c, S.C_AC);
  while (k <= end) {
    if (bit.have < 32) bit.refill();
    const code = bit.symbol(table);
    if (code < 0) return false;
    const run = code >> 4;
    const size = code & 15;
    let value = 0;
    if (size == 0) {
      if (run < 15) {
        band = (1 << run) + bit.take(run) - 1;
        correct(block, k, end, 64, one);
        return true;
      }
    } else {
      if (size != 1) return false;
      value = bit.take(1) != 0 ? one : -one;
    }
    k = correct(block, k, end, run, one);
    if (value != 0) {
      if (k > end) return false;
      store<i16>(slot(block, k), <i16>value);
    }
    k++;
  }
  return true;
}
