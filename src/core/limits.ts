// Bounds against hostile or damaged input, checked before memory is taken. Raised by options where a real file may need it.

export interface Limits {
  /** Largest piece of metadata (an XML block, a JSON document, a tag value) read into memory, bytes. */
  readonly metadataBytes: number;
  /** Largest decoded block (tile, strip, whole compressed image), bytes. */
  readonly blockBytes: number;
  /** Most directories (IFDs, subblocks, stored planes) in one file. */
  readonly directories: number;
  /** Most images in one data set. */
  readonly images: number;
}

export const DEFAULT_LIMITS: Limits = {
  metadataBytes: 256 * 2 ** 20,
  blockBytes: 2 ** 30,
  directories: 5_000_000,
  images: 100_000,
};
