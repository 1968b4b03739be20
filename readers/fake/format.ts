// Test images described by their file name; the file need not exist.

import type { FormatReader } from '../../src/core/contracts.js';

export const fake: FormatReader = {
  id: 'fake',
  name: 'Fake (test images)',
  extensions: ['.fake'],
  structure:
    'No file is needed: the name says what the image is, such as `big&sizeX=20000&sizeY=20000&sizeC=3&pixelType=uint16.fake`.',
  reads: [
    'all sizes and pixel types',
    'RGB',
    'series, plates, stored pyramids',
    'pixel sizes, colours, dates, exposure times',
  ],
  gaps: ['regions of interest', 'annotations', 'parameters in the content of the file'],
  probe({ name, isFolder }) {
    const mine = !isFolder && name.toLowerCase().endsWith('.fake');
    return mine ? { score: 100, why: 'the name ends in .fake' } : { score: 0, why: 'the name does not end in .fake' };
  },
  async open(input, options) {
    const { openFake } = await import('./reader.js');
    return openFake(input, options);
  },
};
