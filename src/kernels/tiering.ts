// When WASM is compiled a second time, for speed.

import { setFlagsFromString } from 'node:v8';

/** What a function may run (bytes of machine code) before V8 optimises it: some 0.5 s instead of 1 ms. */
const PATIENT_BUDGET = 1_000_000_000;

/**
 * Let modules that are compiled from now on run unoptimised for longer: optimising codecs takes 40 ms of a second thread, more than a small
 * job needs for its pixels. Larger jobs of the same process get there a little later. A V8 without the flag ignores it.
 */
export function deferOptimisation(): void {
  setFlagsFromString(`--wasm-tiering-budget=${PATIENT_BUDGET}`);
}
