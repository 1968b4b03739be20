// Makes small CZI files for tests: encoded tiles wrapped in subblocks, with any directory, attachments and metadata. Layout as in
// readers/czi/NOTES.md; nothing is checked, so that wrong files can be made as well.

const ALIGN = 32;

export interface TestSubblock {
  /** Pixels of the full-size coordinate system. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Stored size where it differs: a pyramid level. */
  readonly stored?: readonly [width: number, height: number];
  /** Starts of other dimensions, as in { C: 0, M: 2 }. */
  readonly at?: Readonly<Record<string, number>>;
  readonly pixelType: number;
  readonly compression: number;
  readonly data: Uint8Array;
  /** XML of the tags. */
  readonly metadata?: string;
  readonly attachment?: Uint8Array;
  /** Part of a split document that the directory names. */
  readonly part?: number;
}

export interface TestAttachment {
  readonly name: string;
  /** 'JPG', 'CZI', 'CZTIMS' … */
  readonly type: string;
  readonly data: Uint8Array;
}

export interface TestDocument {
  readonly subblocks: readonly TestSubblock[];
  readonly xml?: string;
  readonly attachments?: readonly TestAttachment[];
  /** 0 for the master. */
  readonly part?: number;
  /** First byte of both GUIDs' 16; equal ones mark a master. */
  readonly guids?: readonly [primary: number, own: number];
  /** Leave the directory out of the header, as after a crash. */
  readonly withoutDirectory?: boolean;
  /** Entries of subblocks that lie in other parts: position and part. */
  readonly elsewhere?: readonly (TestSubblock & { readonly position: number })[];
}

function text(bytes: Uint8Array, at: number, value: string): void {
  bytes.set(Buffer.from(value, 'latin1'), at);
}

function segment(id: string, data: Uint8Array): Uint8Array {
  const allocated = Math.ceil(data.length / ALIGN) * ALIGN;
  const out = new Uint8Array(32 + allocated);
  const view = new DataView(out.buffer);
  text(out, 0, id);
  view.setBigInt64(16, BigInt(allocated), true);
  view.setBigInt64(24, BigInt(data.length), true);
  out.set(data, 32);
  return out;
}

function entryOf(block: TestSubblock, position: number, part: number): Uint8Array {
  const [storedWidth, storedHeight] = block.stored ?? [block.width, block.height];
  const dimensions: [string, number, number, number][] = [
    ['X', block.x, block.width, storedWidth],
    ['Y', block.y, block.height, storedHeight],
    ...Object.entries(block.at ?? {}).map(([name, start]): [string, number, number, number] => [name, start, 1, 1]),
  ];
  const out = new Uint8Array(32 + 20 * dimensions.length);
  const view = new DataView(out.buffer);
  text(out, 0, 'DV');
  view.setInt32(2, block.pixelType, true);
  view.setBigInt64(6, BigInt(position), true);
  view.setInt32(14, part, true);
  view.setInt32(18, block.compression, true);
  out[22] = block.stored ? 2 : 0;
  view.setInt32(28, dimensions.length, true);
  dimensions.forEach(([name, start, size, stored], i) => {
    const at = 32 + 20 * i;
    text(out, at, name);
    view.setInt32(at + 4, start, true);
    view.setInt32(at + 8, size, true);
    view.setInt32(at + 16, stored, true);
  });
  return out;
}

function subblockData(block: TestSubblock, entry: Uint8Array): Uint8Array {
  const metadata = Buffer.from(block.metadata ?? '', 'utf8');
  const attachment = block.attachment ?? new Uint8Array(0);
  const fixed = Math.max(256, 16 + entry.length);
  const out = new Uint8Array(fixed + metadata.length + block.data.length + attachment.length);
  const view = new DataView(out.buffer);
  view.setInt32(0, metadata.length, true);
  view.setInt32(4, attachment.length, true);
  view.setBigInt64(8, BigInt(block.data.length), true);
  out.set(entry, 16);
  out.set(metadata, fixed);
  out.set(block.data, fixed + metadata.length);
  out.set(attachment, fixed + metadata.length + block.data.length);
  return out;
}

function attachmentEntry(attachment: TestAttachment, position: number): Uint8Array {
  const out = new Uint8Array(128);
  text(out, 0, 'A1');
  new DataView(out.buffer).setBigInt64(12, BigInt(position), true);
  text(out, 40, attachment.type);
  text(out, 48, attachment.name);
  return out;
}

/** Zstd1 header before a Zstandard frame: with the flag of byte packing. */
export function zstd1(frame: Uint8Array, packed: boolean): Uint8Array {
  return Uint8Array.from([3, 1, packed ? 1 : 0, ...frame]);
}

export function writeCzi(document: TestDocument): Uint8Array {
  const part = document.part ?? 0;
  const pieces: Uint8Array[] = [];
  let at = 32 + 512;
  const put = (piece: Uint8Array): number => {
    const position = at;
    pieces.push(piece);
    at += piece.length;
    return position;
  };
  const entries = document.subblocks.map((block) => {
    const entry = entryOf(block, at, block.part ?? part);
    put(segment('ZISRAWSUBBLOCK', subblockData(block, entry)));
    return entry;
  });
  for (const block of document.elsewhere ?? []) entries.push(entryOf(block, block.position, block.part ?? 1));

  const head = new Uint8Array(128);
  new DataView(head.buffer).setInt32(0, entries.length, true);
  const directory = put(segment('ZISRAWDIRECTORY', Buffer.concat([head, ...entries])));

  const xml = Buffer.from(document.xml ?? '', 'utf8');
  const metadataHead = new Uint8Array(256);
  new DataView(metadataHead.buffer).setInt32(0, xml.length, true);
  const metadata = xml.length > 0 ? put(segment('ZISRAWMETADATA', Buffer.concat([metadataHead, xml]))) : 0;

  const attached = (document.attachments ?? []).map((attachment) => {
    const entry = attachmentEntry(attachment, at);
    const fixed = new Uint8Array(256);
    new DataView(fixed.buffer).setInt32(0, attachment.data.length, true);
    fixed.set(entry, 16);
    put(segment('ZISRAWATTACH', Buffer.concat([fixed, attachment.data])));
    return entry;
  });
  const attachmentHead = new Uint8Array(256);
  new DataView(attachmentHead.buffer).setInt32(0, attached.length, true);
  const attachments =
    attached.length > 0 ? put(segment('ZISRAWATTDIR', Buffer.concat([attachmentHead, ...attached]))) : 0;

  const file = new Uint8Array(512);
  const view = new DataView(file.buffer);
  const [primary, own] = document.guids ?? [7, 7];
  view.setInt32(0, 1, true);
  file.fill(primary, 16, 32);
  file.fill(own, 32, 48);
  view.setInt32(48, part, true);
  view.setBigInt64(52, BigInt(document.withoutDirectory ? 0 : directory), true);
  view.setBigInt64(60, BigInt(document.withoutDirectory ? 0 : metadata), true);
  view.setBigInt64(72, BigInt(document.withoutDirectory ? 0 : attachments), true);
  return Buffer.concat([segment('ZISRAWFILE', file), ...pieces]);
}
