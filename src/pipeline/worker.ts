// Worker thread entry. Gets the job once, then a message per phase; or a scan, which has one phase.

import { parentPort, workerData } from 'node:worker_threads';
import { ImgconvError } from '../core/errors.js';
import type { ConvertJob } from './contract.js';
import { Control, type ControlMemory } from './control.js';
import { ParcelMaker } from './parcel.js';
import { PhaseWorker } from './phase-worker.js';
import type { ExecutionPlan } from './plan.js';
import type { WorkerMessage } from './pool.js';
import type { ScanStart } from './scan/worker.js';

interface WorkerStart {
  readonly job: ConvertJob;
  readonly plan: ExecutionPlan;
  readonly memory: ControlMemory;
  readonly worker: number;
}

const port = parentPort!;

function convert({ job, plan, memory, worker }: WorkerStart): void {
  const control = new Control(memory);

  const send = (message: WorkerMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

  const parcels = new ParcelMaker((parcel) => send({ type: 'parcel', worker, parcel }, [parcel.bytes.buffer]));

  const thread = new PhaseWorker(job, plan, {
    worker,
    control,
    chunk(region, image, level, position, bytes) {
      control.queue(worker, bytes.length);
      parcels.add(region, image, level, position, bytes);
    },
    regionDone(region) {
      parcels.flush();
      send({ type: 'region', region });
    },
  });

  port.on('message', (message: { phase: number }) => {
    thread.run(message.phase).then(
      (result) => send({ type: 'phase', result }),
      (error: unknown) => {
        const known = error instanceof ImgconvError;
        send({
          type: 'error',
          blame: known ? error.blame : 'internal',
          code: known ? error.code : 'WORKER',
          message: error instanceof Error ? error.message : String(error),
          where: known ? error.where : {},
          stack: error instanceof Error ? (error.stack ?? '') : '',
        });
      },
    );
  });
}

const start = workerData as WorkerStart | { readonly scan: ScanStart };
if ('scan' in start) {
  const { scanInWorker } = await import('./scan/worker.js');
  await scanInWorker(port, start.scan);
} else convert(start);
