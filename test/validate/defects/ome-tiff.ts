// A small valid OME-TIFF, put together byte by byte, and one deliberate defect in each copy: z, c, 64 × 64 pixels of uint16 in deflated
// tiles of 32 × 32, two sub-resolutions a plane.

import { deflateSync } from 'node:zlib';
import { halve, type Pixels, picture } from './store.js';

const TILE = 32;
const SIZE = { x: 64, y: 64, z: 3, c: 2 };

interface Knobs {
  /** Change the XML. */
  readonly xml?: (text: string) => string;
  /** Change the finished bytes. */
  readonly bytes?: (bytes: Uint8Array, places: Places) => Uint8Array;
}

interface Places {
  /** Of the first plane: positions of the value of SubIFDs (its list) and of TileOffsets (its list), and of its first tile. */
  subIfds: number;
  tileOffsets: number;
  tile: number;
  tileBytes: number;
}

export function omeXml(): string {
  const channels = Array.from(
    { length: SIZE.c },
    (_, i) => `<Channel ID="Channel:0:${i}" Name="c${i}" SamplesPerPixel="1"/>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:7be0c1d2-1f4a-4c55-8a0e-5d3f6b2a9c11"><Image ID="Image:0" Name="cells"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="${SIZE.x}" SizeY="${SIZE.y}" SizeZ="${SIZE.z}" SizeC="${SIZE.c}" SizeT="1" BigEndian="false" SignificantBits="16" PhysicalSizeX="0.5" PhysicalSizeXUnit="µm" PhysicalSizeY="0.5" PhysicalSizeYUnit="µm">${channels.join('')}<TiffData IFD="0" PlaneCount="${SIZE.z * SIZE.c}"/></Pixels></Image></OME>`;
}

class Writer {
  readonly bytes = new Uint8Array(2 ** 18);
  readonly view = new DataView(this.bytes.buffer);
  at = 8;

  put(data: Uint8Array): number {
    const place = this.at;
    this.bytes.set(data, place);
    this.at += data.length + (data.length % 2);
    return place;
  }

  longs(values: readonly number[]): number {
    const data = new Uint8Array(4 * values.length);
    const view = new DataView(data.buffer);
    values.forEach((value, i) => {
      view.setUint32(4 * i, value, true);
    });
    return this.put(data);
  }

  /** Entries: tag, type (3 SHORT, 4 LONG, 2 ASCII), count, value or position of the values. Returns position of the directory. */
  directory(entries: readonly (readonly [tag: number, type: number, count: number, value: number])[]): number {
    const place = this.at;
    this.view.setUint16(place, entries.length, true);
    entries.forEach(([tag, type, count, value], i) => {
      const p = place + 2 + 12 * i;
      this.view.setUint16(p, tag, true);
      this.view.setUint16(p + 2, type, true);
      this.view.setUint32(p + 4, count, true);
      if (type === 3) this.view.setUint16(p + 8, value, true);
      else this.view.setUint32(p + 8, value, true);
    });
    this.at = place + 2 + 12 * entries.length + 4;
    return place;
  }
}

function tiles({ shape, values }: Pixels): Uint8Array[] {
  const [h, w] = [shape[0]!, shape[1]!];
  const found: Uint8Array[] = [];
  for (let y = 0; y < h; y += TILE) {
    for (let x = 0; x < w; x += TILE) {
      const data = Buffer.alloc(TILE * TILE * 2);
      for (let j = 0; j < Math.min(TILE, h - y); j++)
        for (let i = 0; i < Math.min(TILE, w - x); i++)
          data.writeUInt16LE(values[(y + j) * w + x + i]!, 2 * (j * TILE + i));
      found.push(deflateSync(data));
    }
  }
  return found;
}

function page(
  writer: Writer,
  pixels: Pixels,
  sub: boolean,
  subs: readonly number[],
  text: string | undefined,
  places: Places,
): number {
  const stored = tiles(pixels);
  const offsets = stored.map((tile) => writer.put(tile));
  const many = stored.length > 1;
  const tileOffsets = many ? writer.longs(offsets) : offsets[0]!;
  const counts = many ? writer.longs(stored.map((tile) => tile.length)) : stored[0]!.length;
  const listed = subs.length > 1 ? writer.longs(subs) : (subs[0] ?? 0);
  const bytes = text === undefined ? undefined : Buffer.from(`${text}\0`, 'utf8');
  const description = bytes ? writer.put(bytes) : 0;
  if (bytes) Object.assign(places, { subIfds: listed, tileOffsets, tile: offsets[0]!, tileBytes: stored[0]!.length });
  const entries: (readonly [number, number, number, number])[] = [
    [254, 4, 1, sub ? 1 : 0],
    [256, 4, 1, pixels.shape[1]!],
    [257, 4, 1, pixels.shape[0]!],
    [258, 3, 1, 16],
    [259, 3, 1, 8],
    [262, 3, 1, 1],
    ...(bytes ? [[270, 2, bytes.length, description] as const] : []),
    [277, 3, 1, 1],
    [322, 4, 1, TILE],
    [323, 4, 1, TILE],
    [324, 4, stored.length, tileOffsets],
    [325, 4, stored.length, counts],
    ...(subs.length > 0 ? [[330, 4, subs.length, listed] as const] : []),
    [339, 3, 1, 1],
  ];
  return writer.directory(entries);
}

export function omeTiff({ xml, bytes }: Knobs = {}): Uint8Array {
  const writer = new Writer();
  writer.bytes.set([0x49, 0x49, 42, 0]);
  const all = picture([SIZE.z * SIZE.c, SIZE.y, SIZE.x]);
  const plane = SIZE.x * SIZE.y;
  const places: Places = { subIfds: 0, tileOffsets: 0, tile: 0, tileBytes: 0 };
  let link = 4;
  for (let i = 0; i < SIZE.z * SIZE.c; i++) {
    const full: Pixels = { shape: [SIZE.y, SIZE.x], values: all.values.slice(i * plane, (i + 1) * plane) };
    const half = halve(full, false);
    const subs = [half, halve(half, false)].map((level) => page(writer, level, true, [], undefined, places));
    const text = i === 0 ? (xml ?? ((same) => same))(omeXml()) : undefined;
    const directory = page(writer, full, false, subs, text, places);
    writer.view.setUint32(link, directory, true);
    link = writer.at - 4;
  }
  const made = writer.bytes.slice(0, writer.at);
  return bytes ? bytes(made, places) : made;
}

function setLong(bytes: Uint8Array, at: number, value: number): Uint8Array {
  new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
}

const change = (from: string | RegExp, to: string): Knobs => ({ xml: (text) => text.replace(from, to) });

export const TIFF_DEFECTS: readonly (readonly [
  id: string,
  what: string,
  rule: string,
  knobs: Knobs,
  level?: 'pixels',
])[] = [
  ['01', 'SizeX in the XML ≠ tag', 'OMETIFF_SIZE', change('SizeX="64"', 'SizeX="60"')],
  [
    '02',
    'SizeC too large for the directories',
    'OMETIFF_COVERAGE',
    change(/SizeC="2"([\s\S]*?)(<TiffData)/, 'SizeC="3"$1<Channel ID="Channel:0:2" SamplesPerPixel="1"/>$2'),
  ],
  ['03', 'PlaneCount half of the planes', 'OMETIFF_COVERAGE', change('PlaneCount="6"', 'PlaneCount="3"')],
  ['04', 'Type uint8 of 16-bit samples', 'OMETIFF_TYPE', change('Type="uint16"', 'Type="uint8"')],
  ['05', 'unit "xxm"', 'OME_UNIT', change('PhysicalSizeXUnit="µm"', 'PhysicalSizeXUnit="xxm"')],
  ['06', 'file cut at 2/3', 'TIFF_TRUNCATED', { bytes: (bytes) => bytes.slice(0, Math.floor((bytes.length * 2) / 3)) }],
  [
    '07',
    'sub-directory beyond the end',
    'OMETIFF_SUBIFD',
    { bytes: (bytes, { subIfds }) => setLong(bytes, subIfds, 99_999_999) },
  ],
  [
    '08',
    'tile beyond the end',
    'TIFF_BLOCK_RANGE',
    { bytes: (bytes, { tileOffsets }) => setLong(bytes, tileOffsets, 99_999_999) },
  ],
  [
    '09',
    'corrupt deflate tile',
    'TIFF_BLOCK_BROKEN',
    {
      bytes: (bytes, { tile, tileBytes }) =>
        bytes.fill(0xa5, tile + Math.floor(tileBytes / 3), tile + Math.floor(tileBytes / 2)),
    },
    'pixels',
  ],
  ['10', 'XML not well-formed', 'XML_BROKEN', change('</Pixels>', '')],
  ['11', 'planes mapped past the end', 'OMETIFF_IFD', change('IFD="0"', 'IFD="4"')],
];
