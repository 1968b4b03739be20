import { jpegls } from '../../readers/jpegls/format.js';
import { describeRaster } from './raster.js';

describeRaster(jpegls);
