// What a conversion writes: a writer with the options that go with it, loaded when it is needed.

import { writers } from '../../writers/index.js';
import type { NgffOptionsInput } from '../../writers/ngff/options.js';
import type { OmeTiffOptionsInput } from '../../writers/ome-tiff/options.js';
import type { Dataset } from '../core/contracts.js';
import type { FormatWriter, OutputSink, RunSize, WriteContext, WritePlan, WriteReport } from '../core/writer.js';

/** Options of a writer may depend on the input (names of images, open ranges); asked without one first, to find mistakes early. */
interface TargetOf<W extends string, O> {
  readonly writer: W;
  options(dataset: Dataset | undefined): O;
}

export type Target = TargetOf<'ngff', NgffOptionsInput> | TargetOf<'ome-tiff', OmeTiffOptionsInput>;

/** What a writer's output is: a folder, or one or several files beside each other. */
export type OutputKind = 'folder' | 'files';

export interface BoundWriter {
  readonly id: string;
  readonly kind: OutputKind;
  plan(dataset: Dataset, run: RunSize, name?: string): WritePlan;
  write(dataset: Dataset, sink: OutputSink, context: WriteContext): Promise<WriteReport>;
}

function bind<I, O>(
  writer: FormatWriter<O>,
  kind: OutputKind,
  parse: (input: I) => O,
  options: (dataset: Dataset | undefined) => I,
): BoundWriter {
  parse(options(undefined));
  return {
    id: writer.id,
    kind,
    plan: (dataset, run, name) => writer.plan(dataset, parse(options(dataset)), run, name),
    write: (dataset, sink, context) => writer.write(dataset, parse(options(dataset)), sink, context),
  };
}

/** Errors: usage, for options that do not fit together. */
export async function loadWriter(target: Target): Promise<BoundWriter> {
  switch (target.writer) {
    case 'ngff': {
      const { ngff, parseNgffOptions } = await writers.ngff.load();
      return bind(ngff, 'folder', parseNgffOptions, target.options);
    }
    case 'ome-tiff': {
      const { omeTiff, parseOmeTiffOptions } = await writers['ome-tiff'].load();
      return bind(omeTiff, 'files', parseOmeTiffOptions, target.options);
    }
  }
}
