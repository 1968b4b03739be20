import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const gif: FormatReader = {
  id: 'gif',
  name: 'GIF',
  extensions: ['.gif'],
  structure: 'One file.',
  reads: [
    'GIF87a and GIF89a',
    'animations as time points: palette indices as they are stored, or RGB(A) as viewers show them (--option frames=shown)',
  ],
  gaps: [],
  options: {
    frames: {
      values: ['stored', 'shown'],
      help: 'frames as they are stored, or laid over each other as viewers show them',
    },
  },
  probe({ head, isFolder }): Verdict {
    const signature = String.fromCharCode(...head.subarray(0, 6));
    if (isFolder || !/^GIF8[79]a$/.test(signature)) return { score: 0, why: 'no GIF signature' };
    return { score: 100, why: `${signature} signature` };
  },
  async open(input, options) {
    const { openGif } = await import('./reader.js');
    return openGif(input, options);
  },
};
