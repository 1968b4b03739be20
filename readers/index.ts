// One line per format, ordered from specific to generic.

import type { FormatReader } from '../src/core/contracts.js';

import { deltavision } from './deltavision/format.js';
import { dm } from './dm/format.js';
import { imagejTiff } from './imagej-tiff/format.js';
import { mrc } from './mrc/format.js';
import { ngff } from './ngff/format.js';
import { tiff } from './tiff/format.js';
import { zarr } from './zarr/format.js';

export const readers: readonly FormatReader[] = [ngff, zarr, deltavision, dm, mrc, imagejTiff, tiff];
