import { jpegxl } from '../../readers/jpegxl/format.js';
import { describeRaster } from './raster.js';

describeRaster(jpegxl);
