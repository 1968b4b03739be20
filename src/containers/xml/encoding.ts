// Bytes of an XML document to a string, XML 1.0 appendix F: byte order mark first, then the declaration, then UTF-8.
// UTF-8 is kept as one character a byte and decoded value by value: the string stays one byte a character however large it is, and a
// vendor's stray Latin-1 byte spoils no more than its own value (it is then read as Latin-1).

import { formatError } from '../../core/errors.js';

export interface XmlText {
  readonly text: string;
  /** Characters above U+007F in `text` are bytes of UTF-8 sequences. */
  readonly bytewise: boolean;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Text of a document without its byte order mark. */
export function decodeXml(bytes: Uint8Array): XmlText {
  const [a, b, c] = bytes;
  if (a === 0xff && b === 0xfe) return { text: decodeAs('utf-16le', bytes), bytewise: false };
  if (a === 0xfe && b === 0xff) return { text: decodeAs('utf-16be', bytes), bytewise: false };
  if (a === 0x3c && b === 0) return { text: decodeAs('utf-16le', bytes), bytewise: false };
  if (a === 0 && b === 0x3c) return { text: decodeAs('utf-16be', bytes), bytewise: false };
  const mark = a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
  const body = bytes.subarray(mark);
  const label = mark ? 'utf-8' : declaredEncoding(body);
  // UTF-16 cannot be meant where the declaration itself is readable in single bytes.
  if (/^(utf-?8|us-ascii|ascii|utf-?16.*|ucs-?2|unicode)$/.test(label)) return { text: latin1(body), bytewise: true };
  if (/^(iso-?8859-1|latin-?1)$/.test(label)) return { text: latin1(body), bytewise: false };
  return { text: decodeAs(label, body), bytewise: false };
}

/** `value` as cut from a bytewise text: UTF-8 where it is that, else Latin-1 as it stands. */
export function decodeUtf8Value(value: string): string {
  try {
    return utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

/** A copy that does not keep the document alive: engines share memory between a long string and its slices. */
export function detach(value: string): string {
  if (value.length < 13) return value;
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) > 255) return Buffer.from(value, 'utf16le').toString('utf16le');
  }
  return Buffer.from(value, 'latin1').toString('latin1');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function declaredEncoding(bytes: Uint8Array): string {
  const start = latin1(bytes.subarray(0, 256));
  return /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1]?.toLowerCase() ?? 'utf-8';
}

function decodeAs(label: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(label).decode(bytes);
  } catch (cause) {
    throw formatError('XML_ENCODING', `unknown XML encoding: ${label}`, {}, cause);
  }
}
