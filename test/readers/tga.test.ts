import { tga } from '../../readers/tga/format.js';
import { describeRaster } from './raster.js';

describeRaster(tga);
