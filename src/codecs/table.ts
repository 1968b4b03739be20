// Every codec by the id that chains name. Modules load on first use.

import type { Codec, CodecTable } from './contract.js';

type Entry = readonly [id: string, load: () => Promise<Codec>];

const byteCodecs: readonly Entry[] = [];

/** Codecs whose blocks are images of their own. */
const imageCodecs: readonly Entry[] = [];

export const codecTable: CodecTable = new Map([...byteCodecs, ...imageCodecs]);
