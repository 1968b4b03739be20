// One line per format, ordered from specific to generic.

import type { FormatReader } from '../src/core/contracts.js';

import { deltavision } from './deltavision/format.js';
import { mrc } from './mrc/format.js';

export const readers: readonly FormatReader[] = [deltavision, mrc];
