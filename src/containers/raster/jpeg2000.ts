// What the JPEG 2000 codec knows about SIZ, for readers.

export { type J2kComponent, type J2kSize, readSize } from '../../codecs/jpeg2000/size.js';
