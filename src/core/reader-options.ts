// Settings of readers (`--option key=value`): those that several share, and the check of what was given.

import type { FormatReader, ReaderOption } from './contracts.js';
import { ImgconvError } from './errors.js';

export const MOSAIC: ReaderOption = {
  values: ['stitched', 'tiles'],
  help: 'tiles of a mosaic as one image, or each as an image of its own at its position',
};

export const THUMBNAILS: ReaderOption = {
  values: ['false', 'true'],
  help: 'keep the small copy of the image that the file holds',
};

export const UNIT: ReaderOption = { help: 'unit of lengths where the file names none, such as mm or nm' };

export const INK: ReaderOption = {
  values: ['light', 'stored'],
  help: 'WhiteIsZero and CMYK turned so that larger values are lighter, or as they are stored',
};

function wrong(text: string): ImgconvError {
  return new ImgconvError('usage', 'READER_OPTION', text);
}

/**
 * Check what was given for one reader. A key that only other readers have is no error, since a batch may hold several formats.
 * @returns keys without effect on this reader. Errors: usage READER_OPTION.
 */
export function checkReaderOptions(
  given: Readonly<Record<string, string>>,
  reader: FormatReader,
  all: readonly FormatReader[],
): readonly string[] {
  const idle: string[] = [];
  for (const [key, value] of Object.entries(given)) {
    const option = reader.options && Object.hasOwn(reader.options, key) ? reader.options[key] : undefined;
    if (option?.values && !option.values.includes(value))
      throw wrong(`--option ${key}=${value}: ${reader.id} takes ${option.values.join(' or ')}`);
    if (option) continue;
    if (!all.some(({ options }) => options && Object.hasOwn(options, key))) {
      const own = Object.keys(reader.options ?? {});
      const has = own.length > 0 ? `${reader.id} has ${own.join(', ')}` : `${reader.id} has none`;
      throw wrong(`--option ${key}: no reader has such an option; ${has}`);
    }
    idle.push(key);
  }
  return idle;
}
