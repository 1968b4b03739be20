// A worker thread's end of a scan.

import type { MessagePort } from 'node:worker_threads';
import { ImgconvError } from '../../core/errors.js';
import { Control, type ControlMemory } from '../control.js';
import type { ScanWork } from './contract.js';
import type { ScanMessage } from './run.js';
import { ScanThread, type UnitResult } from './thread.js';
import type { UnitPlan } from './units.js';

export interface ScanStart {
  readonly works: readonly ScanWork[];
  readonly plan: UnitPlan;
  readonly memory: ControlMemory;
  readonly window: number;
  readonly blockBytes?: number;
}

function buffersOf({ planes }: UnitResult): ArrayBuffer[] {
  return (planes ?? []).flatMap(({ a, b }) => [a, b].flatMap((bytes) => (bytes ? [bytes.buffer as ArrayBuffer] : [])));
}

/** Do units until none is left, and tell the port. */
export async function scanInWorker(port: MessagePort, start: ScanStart): Promise<void> {
  const send = (message: ScanMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const host = {
    control: new Control(start.memory),
    window: start.window,
    result: (result: UnitResult) => send({ type: 'unit', result }, buffersOf(result)),
  };
  try {
    await new ScanThread(start.works, start.plan, host, start.blockBytes).run();
    send({ type: 'done' });
  } catch (error) {
    const known = error instanceof ImgconvError;
    send({
      type: 'error',
      blame: known ? error.blame : 'internal',
      code: known ? error.code : 'WORKER',
      message: error instanceof Error ? error.message : String(error),
      where: known ? error.where : {},
      stack: error instanceof Error ? (error.stack ?? '') : '',
    });
  }
}
