import { png } from '../../readers/png/format.js';
import { describeRaster } from './raster.js';

describeRaster(png);
