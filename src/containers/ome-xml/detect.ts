// Is this OME-XML? Light enough for probes.

const START = /^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE[^>]*>\s*)?<(?:[\w.-]+:)?OME[\s>]/;

/** True if a text begins like an OME-XML document. Comments before the root may be long: then the namespace decides. */
export function looksLikeOmeXml(text: string): boolean {
  if (START.test(text)) return true;
  return /^\ufeff?\s*<[?!]/.test(text) && /<(?:[\w.-]+:)?OME\s[^>]*openmicroscopy\.org/i.test(text);
}

/** The first bytes of a file as text, for `looksLikeOmeXml`. */
export function headText(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(head);
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be').decode(head);
  const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  return Buffer.from(head.buffer, head.byteOffset + mark, head.byteLength - mark).toString('latin1');
}

/** `urn:uuid:…` of the root element of a document that is not parsed as a whole. */
export function rootUuid(text: string): string | undefined {
  const root = /<(?:[\w.-]+:)?OME\s([^>]*)>/.exec(text)?.[1];
  return root === undefined ? undefined : /\bUUID\s*=\s*["']\s*([^"']+?)\s*["']/.exec(root)?.[1];
}
