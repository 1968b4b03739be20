import { ico } from '../../readers/ico/format.js';
import { describeRaster } from './raster.js';

describeRaster(ico);
