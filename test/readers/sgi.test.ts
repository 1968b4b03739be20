import { sgi } from '../../readers/sgi/format.js';
import { describeRaster } from './raster.js';

describeRaster(sgi);
