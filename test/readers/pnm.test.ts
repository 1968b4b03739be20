import { pnm } from '../../readers/pnm/format.js';
import { describeRaster } from './raster.js';

describeRaster(pnm);
