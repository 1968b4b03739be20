// DeltaVision DV/R3D. Layout and sources: NOTES.md.

import { AXIS, checkExtent, planeBlocks, type StoredAxis, storedBytes } from '../../src/containers/raw/blocks.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { Dataset, ImageSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { ImgconvError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import { type DvHeader, HEADER_BYTES, parseHeader, parseSections } from './header.js';
import { layoutOf, sectionAt } from './layout.js';
import { readLogs } from './log.js';
import { type DvContext, describe, instrumentOf, originalMetadata } from './metadata.js';

interface Mode {
  readonly type: PixelType;
  /** Complex numbers: names of the parts, interleaved. */
  readonly parts?: readonly string[];
}

const COMPLEX = ['Real', 'Imaginary'] as const;
const MODES: Readonly<Record<number, Mode>> = {
  0: { type: 'uint8' },
  1: { type: 'int16' },
  2: { type: 'float' },
  3: { type: 'int16', parts: COMPLEX },
  4: { type: 'float', parts: COMPLEX },
  6: { type: 'uint16' },
  7: { type: 'int32' },
};

function modeOf(header: DvHeader, file: string): Mode {
  const mode = MODES[header.mode];
  if (!mode) throw unsupported('DV_MODE', `${file}: pixel mode ${header.mode} is not supported`, { file, offset: 12 });
  return mode;
}

async function readContext(
  input: InputTree,
  options: OpenOptions,
): Promise<{ context: DvContext; path: string; bytes: number }> {
  const source = await input.open();
  try {
    const file = source.name;
    const header = parseHeader(await source.read(0, Math.min(HEADER_BYTES, source.size)), file, source.size);
    if (header.extendedBytes > options.limits.metadataBytes) {
      const text = `${file}: the extended header has ${header.extendedBytes} bytes, more than the limit of ${options.limits.metadataBytes}`;
      throw new ImgconvError('limit', 'METADATA_SIZE', text, { file });
    }
    const sections = parseSections(await source.read(HEADER_BYTES, header.extendedBytes), header);
    const context = { header, sections, layout: layoutOf(header, sections), log: await readLogs(input) };
    return { context, path: file, bytes: source.size };
  } finally {
    await source.close();
  }
}

export async function openDeltaVision(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const { context, path, bytes } = await readContext(input, options);
  const { header, layout } = context;
  const mode = modeOf(header, path);
  const samples = mode.parts?.length ?? 1;
  const times = layout.axes.find((each) => each.axis === 'T')?.size ?? 1;
  const shape: Tczyx = [times, header.sizes.W * samples, header.sizes.Z, header.height, header.width];
  // Stored from the bottom up.
  const plane: StoredAxis[] = [
    { axis: AXIS.x, size: header.width },
    { axis: AXIS.y, size: header.height, reversed: true },
  ];
  if (samples > 1) plane.unshift({ axis: AXIS.c, size: samples });
  const bits = bytesPerSample(mode.type) * 8;
  const planeBytes = storedBytes(plane, bits);
  const start = HEADER_BYTES + header.extendedBytes;
  const cut = checkExtent(path, planeBytes * header.sections, bytes - start, planeBytes);
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });

  const images: ImageSource[] = [];
  for (let position = 0; position < layout.positions; position++) {
    const blocks = planeBlocks({
      file: path,
      plane,
      bits,
      codecs: orderSteps(bits / 8, header.littleEndian),
      counts: [times, header.sizes.W, header.sizes.Z],
      fileBytes: bytes,
      maxBlocks: options.limits.directories,
      offsetOf: (t, c, z) => start + planeBytes * sectionAt(layout, { Z: z, W: c, T: t, P: position }),
    });
    const name = layout.positions > 1 ? `${input.name} #${position + 1}` : input.name;
    images.push({ name, role: 'pixels', type: mode.type, levels: [{ shape, blocks }] });
  }
  const instrument = instrumentOf(context);
  return {
    format: 'deltavision',
    ome: {
      Instruments: instrument ? [instrument] : undefined,
      Images: images.map(({ name }, index) =>
        describe(context, { index, name, shape, type: mode.type, parts: mode.parts }),
      ),
    },
    images,
    original: originalMetadata(context),
    files: [path, ...context.log.files.map((name) => `${input.root}/${name}`)],
  };
}
