import { gif } from '../../readers/gif/format.js';
import { describeRaster } from './raster.js';

describeRaster(gif);
