// Changes to a file in place, each on the disk before the next begins.

import { open } from 'node:fs/promises';
import { ioError } from './files.js';

export type FileEdit =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number };

/** Errors: io. What was appended before a failure is cut off again where nothing points to it yet: then the file is as it was. */
export async function editFile(path: string, steps: readonly FileEdit[]): Promise<void> {
  try {
    const handle = await open(path, 'r+');
    try {
      const { size } = await handle.stat();
      for (const [index, step] of steps.entries()) {
        try {
          if (step.kind === 'truncate') await handle.truncate(step.size);
          else
            for (let done = 0; done < step.bytes.length; ) {
              const { bytesWritten } = await handle.write(
                step.bytes,
                done,
                step.bytes.length - done,
                step.offset + done,
              );
              done += bytesWritten;
            }
          await handle.sync();
        } catch (error) {
          if (index === 0 && step.kind === 'write' && step.offset >= size) await handle.truncate(size);
          throw error;
        }
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw ioError(error, path, 'change');
  }
}
