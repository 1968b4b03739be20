// One line per format, ordered from specific to generic.

import type { FormatReader } from '../src/core/contracts.js';

export const readers: readonly FormatReader[] = [];
