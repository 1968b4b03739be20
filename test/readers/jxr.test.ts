import { jxr } from '../../readers/jxr/format.js';
import { describeRaster } from './raster.js';

describeRaster(jxr);
