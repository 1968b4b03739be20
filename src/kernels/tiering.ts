// When V8 compiles code a second time, for speed.

import { setFlagsFromString } from 'node:v8';

/** Node versions that know a flag: V8 complains on stderr of those that it does not know. */
const WITH_INTERRUPT_BUDGET = /^v20\./;
const WITH_TIERING_BUDGET = /^v2[0-4]\./;

/** What a function may run (bytes of machine code) before V8 optimises it: some 0.5 s instead of 1 ms. */
const PATIENT_BUDGET = 1_000_000_000;

/** Bytecode that a JavaScript function may run between two looks at whether to optimise it: 15 times V8's own. */
const CALM_BUDGET = 1_000_000;

/**
 * Optimise only JavaScript that runs for long. All inner loops are kernels; what is left would take each thread longer to optimise than it
 * ever saves: up to a fifth of a conversion's CPU time. Later versions wait of themselves.
 */
export function calmOptimisation(): void {
  if (WITH_INTERRUPT_BUDGET.test(process.version)) setFlagsFromString(`--interrupt-budget=${CALM_BUDGET}`);
}

/**
 * Let modules that are compiled from now on run unoptimised for longer: optimising codecs takes 40 ms of a second thread, more than a small
 * job needs for its pixels. Larger jobs of the same process get there a little later.
 */
export function deferOptimisation(): void {
  if (WITH_TIERING_BUDGET.test(process.version)) setFlagsFromString(`--wasm-tiering-budget=${PATIENT_BUDGET}`);
}
