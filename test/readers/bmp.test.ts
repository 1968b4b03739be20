import { bmp } from '../../readers/bmp/format.js';
import { describeRaster } from './raster.js';

describeRaster(bmp);
