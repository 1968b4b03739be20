// Text of DICOM values: Specific Character Set (PS3.3 C.12.1.1.2) to strings.

const LABELS: Readonly<Record<string, string>> = {
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 100': 'latin1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 87': 'iso-2022-jp',
  'ISO_IR 159': 'iso-2022-jp',
  'ISO_IR 149': 'euc-kr',
  'ISO_IR 58': 'gb18030',
  GB18030: 'gb18030',
  GBK: 'gb18030',
};

/** Value representations whose text depends on the character set. */
const LOCAL = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

function decoderOf(label: string): InstanceType<typeof TextDecoder> | undefined {
  let decoder = decoders.get(label);
  if (decoder) return decoder;
  try {
    decoder = new TextDecoder(label);
  } catch {
    return undefined;
  }
  decoders.set(label, decoder);
  return decoder;
}

/** The encoding that a value of Specific Character Set asks for; multi-byte sets win over the default that they extend. */
export function encodingOf(sets: readonly string[]): string {
  const labels = sets.map((set) => LABELS[set.trim().replace(/^ISO 2022 IR /, 'ISO_IR ')] ?? 'latin1');
  return labels.find((label) => label !== 'latin1' && label !== 'shift_jis') ?? labels[0] ?? 'latin1';
}

/** Text of a value; padding stays. */
export function decodeText(bytes: Uint8Array, vr: string, encoding: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'latin1' || !LOCAL.has(vr)) return buffer.toString('latin1');
  // Designations of the two-byte sets that are decoded by their 8-bit forms (ESC $ ) A and ESC $ ) C).
  const plain =
    encoding === 'euc-kr' || encoding === 'gb18030'
      ? Buffer.from(buffer.toString('latin1').replaceAll('\x1b$)C', '').replaceAll('\x1b$)A', ''), 'latin1')
      : buffer;
  return decoderOf(encoding)?.decode(plain) ?? buffer.toString('latin1');
}
