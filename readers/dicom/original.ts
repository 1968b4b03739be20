// All elements as key and value: keywords with the path of sequences, numbers for private ones. What all files of an image share is listed
// once; what differs is listed for each file.

import {
  bytesOf,
  type DataSet,
  type Element,
  isText,
  numbersOf,
  textsOf,
} from '../../src/containers/dicom/data-set.js';
import { lookUp } from '../../src/containers/dicom/dictionary.js';
import { tagText } from '../../src/containers/dicom/tags.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { Instance } from './instance.js';

/** Longer binary values are described, not kept. */
const LONGEST_BINARY = 4096;
/** Entries of one image; frames beyond it are counted, not listed. */
const MOST = 200_000;

function nameOf(tag: number, set: DataSet): string {
  const entry = lookUp(tag);
  if (entry) return entry.keyword;
  const group = tag >>> 16;
  const block = (tag & 0xffff) >>> 8;
  if ((group & 1) === 0 || block === 0) return tagText(tag);
  const creator = set.text(group * 65536 + block);
  return creator ? `${tagText(tag)} ${creator}` : tagText(tag);
}

/** Text of a value; undefined for empty ones. */
function valueText(element: Element, set: DataSet): string | undefined {
  const { vr, length } = element;
  if (length === 0) return undefined;
  const bytes = bytesOf(element);
  if (!bytes) return `(${length} bytes)`;
  if (isText(vr)) return textsOf(element, set).join('\\') || undefined;
  if (vr === 'AT') return textsOf(element, set).join('\\');
  if (vr === 'UN') return printable(bytes) ? textsOf(element, set).join('\\') || undefined : binary(bytes);
  const numeric = vr !== 'OB' || length <= 2;
  if (!numeric || (vr.startsWith('O') && length > 256)) return binary(bytes);
  return numbersOf(element, set).join('\\');
}

function printable(bytes: Uint8Array): boolean {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return (
    end > 0 &&
    bytes.subarray(0, end).every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127))
  );
}

function binary(bytes: Uint8Array): string {
  if (bytes.length > LONGEST_BINARY) return `(${bytes.length} bytes)`;
  return `base64:${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`;
}

function flatten(set: DataSet, path: string, into: Map<string, string>, most: number): void {
  for (const element of set.elements) {
    if (into.size >= most) return;
    // Group lengths say nothing of the image.
    if ((element.tag & 0xffff) === 0) continue;
    const key = path + nameOf(element.tag, set);
    if (element.items) {
      for (const [i, item] of element.items.entries()) flatten(item, `${key}[${i}].`, into, most);
    } else {
      const value = valueText(element, set);
      if (value !== undefined) into.set(key, value);
    }
  }
}

function flat(instance: Instance, most: number): Map<string, string> {
  const entries = new Map<string, string>();
  flatten(instance.file.meta, '', entries, most);
  flatten(instance.data, '', entries, most);
  return entries;
}

/** Metadata of one image. `cut` is called where it was too much to list. */
export function originalOf(instances: readonly Instance[], image: number, cut: () => void): OriginalMetadata[] {
  const first = flat(instances[0]!, MOST);
  if (first.size >= MOST) cut();
  if (instances.length === 1) return [...first].map(([key, value]) => ({ image, key, value }));
  const rest = instances.slice(1).map((instance) => flat(instance, MOST));
  const keys = new Set([...first.keys(), ...rest.flatMap((each) => [...each.keys()])]);
  const all = [first, ...rest];
  const entries: OriginalMetadata[] = [];
  for (const key of keys) {
    const value = first.get(key);
    if (value !== undefined && rest.every((each) => each.get(key) === value)) {
      entries.push({ image, key, value });
      continue;
    }
    for (const [i, each] of all.entries()) {
      const own = each.get(key);
      if (own !== undefined) entries.push({ image, key: `${key} #${i + 1}`, value: own });
    }
    if (entries.length >= MOST) {
      cut();
      break;
    }
  }
  return entries;
}
