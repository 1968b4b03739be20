// Text fields of fixed length.

/** Up to the first NUL, trailing space removed; one character a byte. */
export function fixedText(bytes: Uint8Array, offset: number, length: number): string {
  const end = Math.min(bytes.length, offset + length);
  let stop = offset;
  while (stop < end && bytes[stop] !== 0) stop++;
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, Math.max(0, stop - offset))
    .toString('latin1')
    .trimEnd();
}
