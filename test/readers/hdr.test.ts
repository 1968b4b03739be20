import { hdr } from '../../readers/hdr/format.js';
import { describeRaster } from './raster.js';

describeRaster(hdr);
