// What a writer is to the application. `plan` is pure and printed by --dry-run; `write` runs it.

import type { Dataset, Notice } from './contracts.js';

/** What a conversion will make: printed by --dry-run and kept in reports. */
export interface WritePlan {
  readonly images: readonly {
    readonly name: string;
    /** Folder or file inside the output, '' = the output itself. */
    readonly path: string;
    readonly type: string;
    readonly levels: readonly {
      readonly shape: readonly number[];
      readonly chunk: readonly number[];
      readonly shard?: readonly number[];
      readonly chunks: number;
      /** Uncompressed bytes. */
      readonly bytes: number;
    }[];
  }[];
  /** Files at most (skipped fill chunks make fewer). */
  readonly files: number;
  readonly chunks: number;
  readonly shards: number;
  /** Uncompressed bytes of all levels. */
  readonly bytes: number;
  /** Peak memory estimate, bytes. */
  readonly memory: number;
  /** What the output cannot hold. */
  readonly losses: readonly Notice[];
  /** Files beside each other that make up the output, the first of them the one to open; absent: the output is one folder. */
  readonly names?: readonly string[];
}

/** A file that grows at its end. */
export interface GrowingOutput {
  /** Bytes so far: where the next append lands. */
  readonly size: number;
  /** The bytes must not change until the promise, if any, is settled. */
  append(bytes: Uint8Array): Promise<void> | undefined;
  /** Overwrite bytes that were appended before. */
  patch(offset: number, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Close without finishing. */
  abandon(): Promise<void>;
}

/** Where output is built: a temporary sibling that becomes the result by a rename. Nothing is left after `abort`. */
export interface OutputSink {
  /** Absolute path of the temporary folder: it becomes the output, or its files do. Subfolders of the latter are scratch space. */
  readonly temporary: string;
  /** Final path, for messages. */
  readonly path: string;
  /** Small file below the temporary folder, folders made as needed. Relative name with '/'. */
  put(relative: string, bytes: Uint8Array | string): Promise<void>;
  /** Start a file below the temporary folder that grows. */
  grow(relative: string): Promise<GrowingOutput>;
  /** Rename into place; with overwrite the old output is moved aside first and removed after. */
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** What a run may use. */
export interface RunSize {
  readonly workers: number;
  /** Bytes for all buffers. */
  readonly memory: number;
  /** Refuse blocks that decode to more bytes than this. */
  readonly blockBytes: number;
}

export interface WriteContext extends RunSize {
  readonly signal?: AbortSignal;
  notice(notice: Notice): void;
  progress?(progress: { done: number; total: number; bytesRead: number; bytesWritten: number }): void;
}

export interface WriteReport {
  readonly plan: WritePlan;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly chunks: number;
  /** Blocks that hold the fill value because the source lacks or breaks them. */
  readonly damaged: number;
}

export interface FormatWriter<O> {
  readonly id: string;
  readonly name: string;
  readonly extensions: readonly string[];
  /** `run` makes the memory estimate that of a real run; `name` is the output's, which the names of a set follow. */
  plan(dataset: Dataset, options: O, run?: RunSize, name?: string): WritePlan;
  write(dataset: Dataset, options: O, sink: OutputSink, context: WriteContext): Promise<WriteReport>;
}
