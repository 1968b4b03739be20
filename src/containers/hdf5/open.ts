// One file for all probes and readers that ask about it.

import type { ByteSource, InputTree, OriginalMetadata } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import type { Attribute, Attributes } from './attributes.js';
import { isHdf5, openHdf5 } from './file.js';
import { Objects } from './object.js';

export async function openObjects(
  source: ByteSource,
  limits: Limits,
  external?: (file: string) => Promise<Objects | undefined>,
): Promise<Objects> {
  return new Objects(await openHdf5(source, limits), external);
}

/** The named file. Errors: format, unsupported. */
export function hdf5Of(input: InputTree, limits: Limits): Promise<Objects> {
  return input.once('hdf5', async () => openObjects(await input.open(), limits));
}

/** The signature at the start, or behind a user block as far as the head reaches. */
export function headIsHdf5(head: Uint8Array): boolean {
  return [0, 512, 1024, 2048].some((at) => isHdf5(head, at));
}

/** For `identify`: undefined where the file cannot be read. */
export async function peekHdf5(input: InputTree): Promise<Objects | undefined> {
  if (input.isFolder || !headIsHdf5(input.head)) return undefined;
  try {
    const objects = await hdf5Of(input, DEFAULT_LIMITS);
    await objects.root();
    return objects;
  } catch (error) {
    if (error instanceof ImgconvError) return undefined;
    throw error;
  }
}

const MOST_NUMBERS = 1024;

/** Value of an attribute in words. Arrays of single characters are a text. */
export function attributeText({ numbers, texts }: Attribute): string | undefined {
  if (texts) return texts.every((text) => text.length <= 1) ? texts.join('') : texts.join(', ');
  if (!numbers) return undefined;
  return numbers.length > MOST_NUMBERS ? `${numbers.length} numbers` : numbers.join(' ');
}

/** Attributes as key and text. */
export function attributeRows(path: string, attributes: Attributes, image?: number): OriginalMetadata[] {
  const rows: OriginalMetadata[] = [];
  for (const [name, attribute] of attributes) {
    const value = attributeText(attribute);
    if (value === undefined) continue;
    rows.push({ ...(image === undefined ? {} : { image }), key: path === '' ? name : `${path}/${name}`, value });
  }
  return rows;
}
