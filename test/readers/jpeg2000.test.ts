import { jpeg2000 } from '../../readers/jpeg2000/format.js';
import { describeRaster } from './raster.js';

describeRaster(jpeg2000);
