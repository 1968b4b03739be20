// Scans: sequential ones go straight to pixels, MCU row by MCU row; everything else collects coefficients first.

import * as S from './state';
import { get, component, OK, SHORT, BROKEN } from './state';
import * as bit from './bits';
import { clearBlock, decodeBlock, inverse8, predict, prediction } from './block';
import { inverse12 } from './deep';
import { inverseHalf } from './half';
import { writeRows } from './output';
import { endOfBand, refine, firstPass } from './progressive';

export { jpegHuffman } from './bits';

// @ts-ignore: decorator
@inline function clearPredictions(st: usize): void {
  for (let i = 0; i < 4; i++) store<i32>(component(st, i) + S.C_PREDICTION, 0);
}

/** Place of block (bx, by) of a component in its ring. */
// @ts-ignore: decorator
@inline function transform(st: usize, c: usize, bx: i32, by: i32, block: usize, last: i32): void {
  const stride = <usize>get(c, S.C_STRIDE);
  const shift = get(c, S.C_SHIFT);
  const row = <usize>((by << shift) % get(c, S.C_RING_ROWS));
  const at = row * stride + (<usize>bx << shift);
  const ring = <usize>get(c, S.C_RING);
  if (get(st, S.PRECISION) > 8) inverse12(ring + (at << 1), stride << 1, block, <usize>get(c, S.C_QUANT));
  else if (shift == 2) inverseHalf(ring + at, stride, block, <usize>get(c, S.C_QUANT), last);
  else inverse8(ring + at, stride, block, <usize>get(c, S.C_QUANT), last);
}

/** Rows that can be written once MCU row `my` is transformed: triangle filters look one component row ahead. */
// @ts-ignore: decorator
@inline function ready(st: usize, my: i32): i32 {
  if (my + 1 >= get(st, S.MCUS_Y)) return get(st, S.HEIGHT);
  return ((my + 1) * get(st, S.V_MAX) << (3 - get(st, S.HALF))) - 2;
}

/**
 * One interleaved sequential scan with all components. Result: OK, SHORT or BROKEN; ROWS_DONE says how many output rows are complete;
 * SOURCE is where the scan's data ended.
 */
export function jpegSequential(st: usize): i32 {
  const components = get(st, S.COMPONENTS);
  const block = <usize>get(st, S.BLOCK);
  const interval = get(st, S.RESTART);
  const mcusX = get(st, S.MCUS_X);
  const mcusY = get(st, S.MCUS_Y);
  bit.start(<usize>get(st, S.SOURCE), <usize>get(st, S.SOURCE_END));
  clearPredictions(st);
  let left = interval;
  let state = OK;
  for (let my = 0; my < mcusY && state == OK; my++) {
    for (let mx = 0; mx < mcusX; mx++) {
      if (interval != 0 && left-- == 0) {
        if (!bit.restart()) {
          state = SHORT;
          break;
        }
        clearPredictions(st);
        left = interval - 1;
      }
      for (let i = 0; i < components; i++) {
        const c = component(st, i);
        const h = get(c, S.C_H);
        const v = get(c, S.C_V);
        const dc = <usize>get(c, S.C_DC);
        const ac = <usize>get(c, S.C_AC);
        predict(get(c, S.C_PREDICTION));
        for (let y = 0; y < v; y++) {
          for (let x = 0; x < h; x++) {
            clearBlock(block);
            const last = decodeBlock(block, dc, ac);
            if (last < 0) {
              state = bit.overrun() ? SHORT : BROKEN;
              break;
            }
            transform(st, c, mx * h + x, my * v + y, block, last);
          }
          if (state != OK) break;
        }
        if (state != OK) break;
        store<i32>(c + S.C_PREDICTION, prediction);
      }
      if (state != OK) break;
    }
    if (state == OK && bit.overrun()) state = SHORT;
    if (state == OK) {
      writeRows(st, ready(st, my));
      // Nothing below is asked for.
      if (get(st, S.ROWS_DONE) >= get(st, S.OUT_ROWS)) break;
    }
  }
  store<i32>(st + S.SOURCE, <i32>bit.at);
  return state;
}

// @ts-ignore: decorator
@inline function scanComponent(st: usize, i: i32): usize {
  return component(st, <i32>load<u8>(st + S.SCAN_LIST + i));
}

/** One block of a scan that collects coefficients. */
function scanBlock(st: usize, c: usize, bx: i32, by: i32): bool {
  const block =
    <usize>get(c, S.C_COEFFICIENTS) + ((<usize>by * <usize>get(c, S.C_BLOCKS_X) + <usize>bx) << 7);
  if (get(st, S.PROGRESSIVE) == 0) {
    predict(get(c, S.C_PREDICTION));
    clearBlock(block);
    if (decodeBlock(block, <usize>get(c, S.C_DC), <usize>get(c, S.C_AC)) < 0) return false;
    store<i32>(c + S.C_PREDICTION, prediction);
    return true;
  }
  const low = get(st, S.APPROX_LOW);
  if (get(st, S.APPROX_HIGH) != 0) return refine(st, c, block, low);
  return firstPass(st, c, block, low);
}

/** One scan into coefficient memory: any number of components, sequential or progressive. SOURCE moves behind its data. */
export function jpegScan(st: usize): i32 {
  const count = get(st, S.SCAN_COMPONENTS);
  const interval = get(st, S.RESTART);
  bit.start(<usize>get(st, S.SOURCE), <usize>get(st, S.SOURCE_END));
  clearPredictions(st);
  endOfBand(0);
  const single = count == 1;
  const only = scanComponent(st, 0);
  // A scan of one component has blocks, not MCUs, and leaves the padding out.
  const unitsX = single ? (get(only, S.C_WIDTH) + 7) >> 3 : get(st, S.MCUS_X);
  const unitsY = single ? (get(only, S.C_HEIGHT) + 7) >> 3 : get(st, S.MCUS_Y);
  let left = interval;
  let state = OK;
  for (let uy = 0; uy < unitsY && state == OK; uy++) {
    for (let ux = 0; ux < unitsX && state == OK; ux++) {
      if (interval != 0 && left-- == 0) {
        if (!bit.restart()) {
          state = SHORT;
          break;
        }
        clearPredictions(st);
        endOfBand(0);
        left = interval - 1;
      }
      if (single) {
        if (!scanBlock(st, only, ux, uy)) state = BROKEN;
        continue;
      }
      for (let i = 0; i < count && state == OK; i++) {
        const c = scanComponent(st, i);
        const h = get(c, S.C_H);
        const v = get(c, S.C_V);
        for (let y = 0; y < v && state == OK; y++) {
          for (let x = 0; x < h; x++) {
            if (!scanBlock(st, c, ux * h + x, uy * v + y)) {
              state = BROKEN;
              break;
            }
          }
        }
      }
    }
    if (bit.overrun()) state = SHORT;
  }
  store<i32>(st + S.SOURCE, <i32>bit.at);
  return state;
}

/** Transform collected coefficients and write all rows. */
export function jpegRender(st: usize): void {
  const mcusY = get(st, S.MCUS_Y);
  const mcusX = get(st, S.MCUS_X);
  for (let my = 0; my < mcusY; my++) {
    for (let i = 0; i < get(st, S.COMPONENTS); i++) {
      const c = component(st, i);
      const v = get(c, S.C_V);
      const blocksX = mcusX * get(c, S.C_H);
      for (let by = my * v; by < (my + 1) * v; by++) {
        let block = <usize>get(c, S.C_COEFFICIENTS) + ((<usize>by * <usize>get(c, S.C_BLOCKS_X)) << 7);
        for (let bx = 0; bx < blocksX; bx++, block += 128) transform(st, c, bx, by, block, 63);
      }
    }
    writeRows(st, ready(st, my));
    if (get(st, S.ROWS_DONE) >= get(st, S.OUT_ROWS)) return;
  }
}
