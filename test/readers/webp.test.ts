import { webp } from '../../readers/webp/format.js';
import { describeRaster } from './raster.js';

describeRaster(webp);
