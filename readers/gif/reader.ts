// GIF. Conventions: NOTES.md.

import { frameBlocks } from '../../src/containers/raster/frames.js';
import { type GifFrame, type GifStream, readGif } from '../../src/containers/raster/gif.js';
import { paletteOf } from '../../src/containers/raster/palette.js';
import type { BlockMap } from '../../src/core/blocks.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { simpleImage } from '../../src/core/ome-build.js';

export async function openGif(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const { limits } = options;
    const file = source.name;
    if (source.size > limits.blockBytes) {
      throw new ImgconvError(
        'limit',
        'BLOCK_SIZE',
        `${file}: ${source.size} bytes of GIF, the limit is ${limits.blockBytes}`,
        { file },
      );
    }
    const stream = readGif(await source.read(0, source.size), limits.directories);
    const { width, height, frames } = stream;
    if (frames.length === 0 || width === 0 || height === 0) {
      throw formatError('GIF_STREAM', `${file}: no picture in it (${frames.length} frames of ${width} × ${height})`, {
        file,
      });
    }
    if (stream.cut)
      options.notice({ code: 'TRUNCATED', rank: 'damage', text: 'the GIF file ends without its trailer' });
    const shown = options.reader.frames === 'shown';
    if (!shown && stream.frames.some((f, i) => i > 0 && dependsOnOthers(f, stream))) {
      const text = 'frames are kept as they are stored, not laid over each other; --option frames=shown composes them';
      options.notice({ code: 'GIF_FRAMES', rank: 'info', text });
    }
    const samples = shown ? samplesShown(stream) : 1;
    const shape: Tczyx = [frames.length, samples, 1, height, width];
    const palette = shown ? undefined : (stream.palette ?? frames[0]!.palette);
    const blocks = shown
      ? frameBlocks(file, source.size, shape, limits.blockBytes, (first) => ({ id: 'gif', first }))
      : storedBlocks(file, stream, limits.blockBytes);
    return {
      format: 'gif',
      ome: { Images: [simpleImage({ index: 0, name: input.name, shape, type: 'uint8', samplesPerPixel: samples })] },
      images: [
        {
          name: input.name,
          role: 'pixels',
          type: 'uint8',
          levels: [{ shape, blocks }],
          ...paletteOf(palette),
        },
      ],
      original: originalMetadata(stream),
      files: [file],
    };
  } finally {
    await source.close();
  }
}

function dependsOnOthers(frame: GifFrame, { width, height }: GifStream): boolean {
  return frame.transparent !== undefined || frame.x > 0 || frame.y > 0 || frame.width < width || frame.height < height;
}

/** RGB, with alpha where something may shine through. */
function samplesShown({ frames, width, height }: GifStream): 3 | 4 {
  const [first] = frames;
  const covered = first!.x === 0 && first!.y === 0 && first!.width >= width && first!.height >= height;
  return covered && frames.every((f) => f.transparent === undefined && f.dispose !== 2) ? 3 : 4;
}

/** A block a frame: from its image descriptor to its last sub-block. */
function storedBlocks(file: string, { frames, width, height }: GifStream, limit: number): BlockMap {
  if (width * height > limit) throw tooLarge(file, width, height);
  return {
    layout: { kind: 'grid', block: [1, 1, 1, height, width], edge: 'clipped' },
    address: {
      kind: 'table',
      file: 0,
      offset: Float64Array.from(frames, (f) => f.start),
      length: Float64Array.from(frames, (f) => f.end - f.start),
    },
    files: [file],
    chains: [{ codecs: [{ id: 'gif' }], order: 'tzyxc' }],
    fill: 0,
    absent: 'missing',
  };
}

function tooLarge(file: string, width: number, height: number): ImgconvError {
  return new ImgconvError(
    'limit',
    'BLOCK_SIZE',
    `${file}: frames of ${width} × ${height} are too large; --memory raises the limit`,
    { file },
  );
}

function originalMetadata(stream: GifStream): OriginalMetadata[] {
  const original = stream.comments.map((value) => ({ key: 'Comment', value }));
  if (stream.loops !== undefined) original.push({ key: 'Loops', value: String(stream.loops) });
  if (stream.aspect !== 0) original.push({ key: 'PixelAspectRatio', value: String((stream.aspect + 15) / 64) });
  const transparent = stream.frames.find((f) => f.transparent !== undefined)?.transparent;
  if (transparent !== undefined) original.push({ key: 'TransparentIndex', value: String(transparent) });
  if (stream.frames.length > 1) {
    original.push({ key: 'FrameDelays', value: `${stream.frames.map((f) => f.delay / 100).join(' ')} s` });
  }
  stream.frames.forEach((f, i) => {
    if (f.palette && stream.palette)
      original.push({ key: `Frame ${i} palette`, value: Buffer.from(f.palette).toString('hex') });
  });
  return original;
}
