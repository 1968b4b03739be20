// JPEG. Conventions: NOTES.md.

import { type Exif, exifDate, exifDensity, exifNumber, readExif } from '../../src/containers/exif/read.js';
import { PER_CENTIMETRE, PER_INCH, physicalSizes } from '../../src/containers/raster/density.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { simpleImage } from '../../src/core/ome-build.js';
import { type JpegHeader, readJpegHeader, type Segment } from './header.js';

export async function openJpeg(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const header = await readJpegHeader(source, options.limits);
    const { frame } = header;
    const samples = frame.components.length;
    const type = frame.precision > 8 ? 'uint16' : 'uint8';
    const shape: Tczyx = [1, samples, 1, frame.height, frame.width];
    const exif = exifOf(header.segments);
    const turned = exif && exifNumber(exif, 'Orientation');
    if (turned !== undefined && turned > 1) {
      const text = `the Exif orientation is ${turned}; pixels are kept in stored order`;
      options.notice({ code: 'ORIENTATION', rank: 'info', text });
    }
    const blocks = wholeBlock({
      file: source.name,
      offset: 0,
      length: source.size,
      shape,
      type,
      codecs: [{ id: 'jpeg', color: 'auto' }],
      limits: options.limits,
    });
    const density = densityOf(header.segments, exif);
    return {
      format: 'jpeg',
      ome: {
        Images: [
          simpleImage({
            index: 0,
            name: input.name,
            shape,
            type,
            samplesPerPixel: samples === 3 ? 3 : 1,
            channels: samples === 4 ? ['Cyan', 'Magenta', 'Yellow', 'Black'].map((Name) => ({ Name })) : undefined,
            image: { AcquisitionDate: exif && exifDate(exif), Description: descriptionOf(exif) },
            pixels: { SignificantBits: frame.precision, ...physicalSizes(density.x, density.y) },
          }),
        ],
      },
      images: [{ name: input.name, role: 'pixels', type, levels: [{ shape, blocks }] }],
      original: originalMetadata(header, exif),
      files: [source.name],
    };
  } finally {
    await source.close();
  }
}

const latin = (data: Uint8Array): string => Buffer.from(data).toString('latin1');
const starts = ({ marker, data }: Segment, code: number, text: string) =>
  marker === code && latin(data.subarray(0, text.length)) === text;

function exifOf(segments: readonly Segment[]): Exif | undefined {
  const segment = segments.find((s) => starts(s, 0xe1, 'Exif\0'));
  return segment && readExif(segment.data);
}

function descriptionOf(exif: Exif | undefined): string | undefined {
  const text = exif?.get('ImageDescription');
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

/** Pixels per metre: Exif where it says so, else JFIF. */
function densityOf(segments: readonly Segment[], exif: Exif | undefined): { x?: number; y?: number } {
  const density = exif ? exifDensity(exif) : {};
  if (density.x !== undefined) return density;
  const jfif = segments.find((s) => starts(s, 0xe0, 'JFIF\0'));
  if (!jfif || jfif.data.length < 12) return {};
  const d = jfif.data;
  const unit = d[7] === 1 ? PER_INCH : d[7] === 2 ? PER_CENTIMETRE : undefined;
  if (unit === undefined) return {};
  return { x: ((d[8]! << 8) | d[9]!) * unit, y: ((d[10]! << 8) | d[11]!) * unit };
}

function originalMetadata({ frame, segments, adobe }: JpegHeader, exif: Exif | undefined): OriginalMetadata[] {
  const original: OriginalMetadata[] = [
    { key: 'Process', value: frame.process },
    { key: 'Sampling', value: frame.components.map((c) => `${c.h}x${c.v}`).join(' ') },
  ];
  if (adobe !== undefined) original.push({ key: 'AdobeTransform', value: String(adobe) });
  for (const segment of segments) {
    const { marker, data } = segment;
    if (marker === 0xfe) original.push({ key: 'Comment', value: latin(data).replace(/\0+$/, '') });
    else if (starts(segment, 0xe0, 'JFIF\0') && data.length >= 12) {
      const unit = ['aspect', 'dpi', 'dpcm'][data[7]!] ?? String(data[7]);
      original.push({
        key: 'JFIF density',
        value: `${(data[8]! << 8) | data[9]!} ${(data[10]! << 8) | data[11]!} ${unit}`,
      });
    } else if (starts(segment, 0xe1, 'http://ns.adobe.com/xap/1.0/\0')) {
      original.push({ key: 'XMP', value: Buffer.from(data.subarray(29)).toString('utf8') });
    }
  }
  for (const [key, value] of exif ?? []) original.push({ key: `Exif ${key}`, value: String(value) });
  return original;
}
