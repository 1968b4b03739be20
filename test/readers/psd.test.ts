import { psd } from '../../readers/psd/format.js';
import { describeRaster } from './raster.js';

describeRaster(psd);
