// The OME-XML of a file: that of an OME-TIFF's first directory, of an OME-XML or companion file, or of an OME-Zarr folder.

import { join } from 'node:path';
import { looksLikeOmeXml } from '../containers/ome-xml/detect.js';
import { type Finding, validateOmeXml } from '../containers/ome-xml/validate.js';
import { readDescription, replaceDescription } from '../containers/tiff/description.js';
import { parseTiff, tiffSignature } from '../containers/tiff/file.js';
import { decodeXml } from '../containers/xml/encoding.js';
import { formatError, ImgconvError } from '../core/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../core/limits.js';
import { editFile } from '../io/edit-file.js';
import { openFile } from '../io/files.js';
import { lookAt, writeWhole } from '../io/places.js';

export type { Finding };

const IN_ZARR = ['OME/METADATA.ome.xml', 'METADATA.ome.xml'];

/** The file that holds the XML: the named one, or the one that belongs into an OME-Zarr folder. */
async function locate(path: string): Promise<string> {
  const place = await lookAt(path);
  if (place.kind !== 'folder') return path;
  for (const name of IN_ZARR) {
    const file = join(path, name);
    if ((await lookAt(file)).kind === 'file') return file;
  }
  throw formatError('OME_XML_MISSING', `${path} has no OME/METADATA.ome.xml`, { file: path });
}

/** The XML as stored, bytes. Errors: io; format OME_XML_MISSING, TIFF_…; limit METADATA_SIZE. */
export async function readStoredXml(path: string, limits: Limits = DEFAULT_LIMITS): Promise<Uint8Array> {
  const name = await locate(path);
  const source = await openFile(name);
  try {
    if (tiffSignature(await source.read(0, Math.min(16, source.size)))) {
      const text = await readDescription(await parseTiff(source, limits, { first: 1 }));
      if (text) return text.slice();
      throw formatError('OME_XML_MISSING', `${name} has no ImageDescription in its first directory`, { file: name });
    }
    if (source.size > limits.metadataBytes) {
      const text = `${name} has ${source.size} bytes, the limit for metadata is ${limits.metadataBytes}`;
      throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: name });
    }
    return await source.read(0, source.size);
  } finally {
    await source.close();
  }
}

/** What an OME-TIFF holds is UTF-8 without a mark, whatever the document comes in. Errors: format XML_ENCODING. */
function asUtf8(xml: Uint8Array): Uint8Array {
  const { text, bytewise } = decodeXml(xml);
  if (bytewise) return Buffer.from(text, 'latin1');
  return Buffer.from(text.replace(/^(\ufeff?\s*<\?xml[^>]*?\sencoding\s*=\s*["'])[\w.:-]+/, '$1UTF-8'), 'utf8');
}

/**
 * Put other XML into a file: in place in a TIFF, else by replacing the file as a whole. Errors: format XML_INVALID with the first finding,
 * unless `force`; io; limit CLASSIC_TIFF. Returns what is wrong with the XML.
 */
export async function replaceStoredXml(
  path: string,
  xml: Uint8Array,
  force: boolean,
  limits: Limits = DEFAULT_LIMITS,
): Promise<readonly Finding[]> {
  const name = await locate(path);
  const text = asUtf8(xml);
  const findings = validateOmeXml(text);
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0 && !force) {
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    const first = errors[0]!;
    const where = first.path && `${first.path}: `;
    throw formatError('XML_INVALID', `the new XML is not valid: ${where}${first.message}${more}; --force takes it`);
  }
  if (text.includes(0)) throw formatError('XML_INVALID', 'the new XML holds NUL characters');
  const source = await openFile(name);
  try {
    const head = await source.read(0, Math.min(4096, source.size));
    if (tiffSignature(head)) {
      const file = await parseTiff(source, limits, { first: 1 });
      await editFile(name, await replaceDescription(file, text));
      return findings;
    }
    // Nothing but XML is replaced by XML.
    const old = new TextDecoder('utf-8').decode(head);
    if (!looksLikeOmeXml(old) && !/^\ufeff?\s*</.test(old) && source.size > 0)
      throw formatError('OME_XML_MISSING', `${name} is neither a TIFF nor XML`, { file: name });
  } finally {
    await source.close();
  }
  await writeWhole(name, text);
  return findings;
}

export { validateOmeXml };
