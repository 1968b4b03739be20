// One file with pixels: how they are stored, and where each frame's bytes are.

import { type ChainOptions, codedChain, type FrameChain, nativeChain } from '../../src/containers/dicom/chain.js';
import type { DataSet, Fragment } from '../../src/containers/dicom/data-set.js';
import type { DicomFile } from '../../src/containers/dicom/file.js';
import { readFragments } from '../../src/containers/dicom/fragments.js';
import { UNDEFINED } from '../../src/containers/dicom/parse.js';
import { frameBits, isHalved, type PixelFormat, pixelFormat } from '../../src/containers/dicom/pixel-format.js';
import { type StreamInfo, streamInfo } from '../../src/containers/dicom/stream.js';
import { TAG } from '../../src/containers/dicom/tags.js';
import type { ByteSource, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';

/** Bytes of a compressed frame that are looked at to learn what it holds. */
const STREAM_HEAD = 4096;
const STREAM_HEAD_MOST = 2 ** 18;

export interface Instance {
  readonly file: DicomFile;
  readonly data: DataSet;
  readonly format: PixelFormat;
  readonly chain: FrameChain;
  /** Bytes of frame `index`; empty where the file lacks it. */
  pieces(index: number): readonly Fragment[];
  /** Bits before the frame in its first byte. */
  phase(index: number): number;
}

/** Errors: format DICOM_PIXELS, DICOM_FRAGMENTS; unsupported DICOM_SYNTAX, DICOM_BITS; limit DIRECTORIES. */
export async function readInstance(file: DicomFile, source: ByteSource, options: OpenOptions): Promise<Instance> {
  const { pixels, syntax, name } = file;
  const where = { file: name };
  if (syntax.refused) throw unsupported('DICOM_SYNTAX', `${name}: ${syntax.name} is not supported`, where);
  const format = halvedOrNot(file, pixelFormat(file));
  if (format.frames > options.limits.directories) {
    const text = `${name}: ${format.frames} frames, more than the limit of ${options.limits.directories}`;
    throw new ImgconvError('limit', 'DIRECTORIES', text, where);
  }
  if (file.damage) options.notice({ code: 'TRUNCATED', rank: 'damage', text: `${name}: ${file.damage}` });
  if (!pixels) {
    if (!file.damage) throw formatError('DICOM_PIXELS', `${name}: the data set has no pixel data`, where);
    throw formatError('TRUNCATED', `${name}: ${file.damage}, before the pixel data`, where);
  }
  if (pixels.length !== UNDEFINED && !syntax.coding) return native(file, format, options);
  return encapsulated(file, format, source, options);
}

/** Half chroma is stated by some writers who store all of it. */
function halvedOrNot(file: DicomFile, format: PixelFormat): PixelFormat {
  const { pixels, syntax } = file;
  if (!pixels || syntax.coding || pixels.length === UNDEFINED || !isHalved(format.photometric)) return format;
  const { rows, columns, samples, frames } = format;
  const full = pixels.length >= rows * columns * samples * frames;
  return full ? { ...format, photometric: format.photometric.slice(0, -4) } : format;
}

function native(file: DicomFile, format: PixelFormat, options: OpenOptions): Instance {
  const pixels = file.pixels!;
  const bits = frameBits(format);
  const words = pixels.vr === 'OW';
  const inFile = file.deflated === undefined ? file.size - pixels.offset : Number.POSITIVE_INFINITY;
  const available = Math.max(0, Math.min(pixels.length, inFile));
  const needed = Math.ceil((bits * format.frames) / 8);
  if (available < needed) {
    const text = `${file.name}: ${format.frames} frames take ${needed} bytes, the file holds ${available}`;
    if (available < needed / 1000) throw formatError('TRUNCATED', text, { file: file.name });
    options.notice({ code: 'TRUNCATED', rank: 'damage', text });
  }
  const chain = nativeChain(format, file.littleEndian, words, file.name, chainOptions(file, options));
  const { unit } = chain;
  return {
    file,
    data: file.data,
    format,
    chain,
    phase: (index) => (bits * index) % unit,
    pieces(index) {
      const first = Math.floor((bits * index) / unit) * (unit / 8);
      const end = Math.min(available, Math.ceil((bits * (index + 1)) / unit) * (unit / 8));
      return end > first ? [{ offset: pixels.offset + first, length: end - first }] : [];
    },
  };
}

async function encapsulated(
  file: DicomFile,
  format: PixelFormat,
  source: ByteSource,
  options: OpenOptions,
): Promise<Instance> {
  const pixels = file.pixels!;
  // One stream without items: against the standard, and unmistakable.
  const bare = pixels.length !== UNDEFINED;
  const { frames, damage } = bare
    ? {
        frames: [[{ offset: pixels.offset, length: Math.min(pixels.length, file.size - pixels.offset) }]],
        damage: undefined,
      }
    : await readFragments(file, source, format.frames, options.limits);
  if (damage) options.notice({ code: 'TRUNCATED', rank: 'damage', text: `${file.name}: ${damage}` });
  const found = frames.filter((list) => list.length > 0).length;
  if (found < Math.max(1, format.frames / 1000)) {
    const text = `${file.name}: ${found} of ${format.frames} frames in the pixel data`;
    throw formatError('TRUNCATED', text, { file: file.name });
  }
  const { coding } = file.syntax;
  const chain = coding
    ? codedChain(format, coding, await peek(frames, source, file), file.name, chainOptions(file, options))
    : nativeChain(format, file.littleEndian, pixels.vr === 'OW', file.name, chainOptions(file, options));
  return { file, data: file.data, format, chain, phase: () => 0, pieces: (index) => frames[index] ?? [] };
}

function chainOptions({ syntax }: DicomFile, { reader }: OpenOptions): ChainOptions {
  return { rgb: reader.rgb === 'true', lossless: syntax.lossless };
}

/** The header of the first frame. */
async function peek(
  frames: readonly (readonly Fragment[])[],
  source: ByteSource,
  file: DicomFile,
): Promise<StreamInfo | undefined> {
  const first = frames.find((list) => list.length > 0)![0]!;
  for (let length = STREAM_HEAD; ; length *= 8) {
    const bytes = await source.read(first.offset, Math.min(length, first.length, source.size - first.offset));
    const info = streamInfo(bytes, file.syntax.coding!);
    if (info || length >= first.length || length > STREAM_HEAD_MOST) return info;
  }
}

/** Identifier that says whether two files hold the same object. */
export function objectOf(data: DataSet): string {
  return data.text(TAG.SOPInstanceUID) ?? '';
}
