// Steps that cut and join byte strings.
//
// slice: offset, length: a part of the input · skip: bytes: the input without its first bytes · prefix: bytes: Uint8Array put before

import type { Codec } from './contract.js';
import { whole } from './parameters.js';

const ANY = Number.MAX_SAFE_INTEGER;

export const slice: Codec = {
  id: 'slice',
  decode(input, step) {
    const offset = whole(step, 'offset', 0, 0, ANY);
    return input.subarray(offset, offset + whole(step, 'length', ANY - offset, 0, ANY));
  },
};

export const skip: Codec = {
  id: 'skip',
  decode: (input, step) => input.subarray(whole(step, 'bytes', 0, 0, ANY)),
};

export const prefix: Codec = {
  id: 'prefix',
  decode(input, step) {
    const { bytes } = step;
    if (!(bytes instanceof Uint8Array)) return input;
    const out = new Uint8Array(bytes.length + input.length);
    out.set(bytes);
    out.set(input, bytes.length);
    return out;
  },
};
