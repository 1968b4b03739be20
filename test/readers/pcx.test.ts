import { pcx } from '../../readers/pcx/format.js';
import { describeRaster } from './raster.js';

describeRaster(pcx);
