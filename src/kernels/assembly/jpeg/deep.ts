// Inverse DCT of 12-bit samples: the accurate integer method with one fraction bit between the passes, as the IJG software has it for 12 bits.

let o0: i64 = 0;
let o1: i64 = 0;
let o2: i64 = 0;
let o3: i64 = 0;
let o4: i64 = 0;
let o5: i64 = 0;
let o6: i64 = 0;
let o7: i64 = 0;

function pass(a0: i64, a1: i64, a2: i64, a3: i64, a4: i64, a5: i64, a6: i64, a7: i64, shift: i64): void {
  const round: i64 = 1 << (shift - 1);
  const even3 = 10703 * a2 + 4433 * a6;
  const even2 = 4433 * a2 - 10704 * a6;
  const sum = ((a0 + a4) << 13) + round;
  const difference = ((a0 - a4) << 13) + round;
  const odd3 = 2260 * a7 + 11363 * a1 + 6437 * a5 + 9633 * a3;
  const odd2 = -6436 * a7 + 9633 * a1 - 11362 * a5 - 2259 * a3;
  const odd1 = 9633 * a7 + 6437 * a1 + 2261 * a5 - 11362 * a3;
  const odd0 = -11363 * a7 + 2260 * a1 + 9633 * a5 - 6436 * a3;
  o0 = (sum + even3 + odd3) >> shift;
  o7 = (sum + even3 - odd3) >> shift;
  o1 = (difference + even2 + odd2) >> shift;
  o6 = (difference + even2 - odd2) >> shift;
  o2 = (difference - even2 + odd1) >> shift;
  o5 = (difference - even2 - odd1) >> shift;
  o3 = (sum - even3 + odd0) >> shift;
  o4 = (sum - even3 - odd0) >> shift;
}

const work: usize = memory.data(256, 8);

// @ts-ignore: decorator
@inline function term(block: usize, quant: usize, i: usize): i64 {
  return <i64>load<i16>(block + (i << 1)) * <i64>load<u16>(quant + (i << 1));
}

// @ts-ignore: decorator
@inline function sample(value: i64): u16 {
  return <u16>min(max(value + 2048, 0), 4095);
}

/** Dequantise and transform a block to 8×8 samples of 16 bits, `stride` bytes a row. */
export function inverse12(dst: usize, stride: usize, block: usize, quant: usize): void {
  for (let x: usize = 0; x < 8; x++) {
    pass(
      term(block, quant, x), term(block, quant, x + 8), term(block, quant, x + 16), term(block, quant, x + 24),
      term(block, quant, x + 32), term(block, quant, x + 40), term(block, quant, x + 48), term(block, quant, x + 56), 12,
    );
    const w = work + (x << 2);
    store<i32>(w, <i32>o0);
    store<i32>(w, <i32>o1, 32);
    store<i32>(w, <i32>o2, 64);
    store<i32>(w, <i32>o3, 96);
    store<i32>(w, <i32>o4, 128);
    store<i32>(w, <i32>o5, 160);
    store<i32>(w, <i32>o6, 192);
    store<i32>(w, <i32>o7, 224);
  }
  for (let y: usize = 0; y < 8; y++, dst += stride) {
    const w = work + (y << 5);
    pass(
      load<i32>(w), load<i32>(w, 4), load<i32>(w, 8), load<i32>(w, 12),
      load<i32>(w, 16), load<i32>(w, 20), load<i32>(w, 24), load<i32>(w, 28), 17,
    );
    store<u16>(dst, sample(o0));
    store<u16>(dst, sample(o1), 2);
    store<u16>(dst, sample(o2), 4);
    store<u16>(dst, sample(o3), 6);
    store<u16>(dst, sample(o4), 8);
    store<u16>(dst, sample(o5), 10);
    store<u16>(dst, sample(o6), 12);
    store<u16>(dst, sample(o7), 14);
  }
}
