import { jpeg } from '../../readers/jpeg/format.js';
import { describeRaster } from './raster.js';

describeRaster(jpeg);
