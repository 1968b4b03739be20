import { isOle } from '../../src/containers/ole/file.js';
import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

const READS: readonly string[] = [
  'planes along channel, z, time and wavelength, also XZ, XT and line scans',
  'missing planes are reported',
  'pixel sizes, channels, dyes, detectors, lasers, filters, objective, positions and times of planes, colours, regions of interest; all settings as original metadata',
];
const GAPS: readonly string[] = [
  'turned regions of interest are left out',
  'thumbnails and reference images are left out',
];

/** UTF-16 text with the sections that the acquisition software writes first. */
function isSettings(head: Uint8Array): boolean {
  const wide = head[0] === 0xff && head[1] === 0xfe;
  const text = new TextDecoder(wide ? 'utf-16le' : 'latin1').decode(head.subarray(0, head.length & ~1));
  return (
    /^\[Acquisition Parameters Common\]/m.test(text) &&
    /Acquisition Device=|ImageCaputreDate|LaserWavelength/.test(text)
  );
}

export const oif: FormatReader = {
  id: 'oif',
  name: 'Olympus FluoView OIF',
  extensions: ['.oif'],
  structure: 'One .oif file with its folder NAME.oif.files beside it: open the .oif file.',
  reads: READS,
  gaps: GAPS,
  probe({ head, name, isFolder }): Verdict {
    if (!isFolder && isSettings(head)) return { score: 100, why: 'settings of an Olympus FluoView acquisition' };
    if (/\.oif$/i.test(name)) return { score: 25, why: 'extension .oif without FluoView settings' };
    return { score: 0, why: 'no FluoView settings' };
  },
  async open(input, options) {
    const { openFluoView } = await import('./reader.js');
    return openFluoView('oif', input, options);
  },
};

export const oib: FormatReader = {
  id: 'oib',
  name: 'Olympus FluoView OIB',
  extensions: ['.oib'],
  structure: 'One .oib file.',
  reads: READS,
  gaps: GAPS,
  probe({ head, name, isFolder }): Verdict {
    if (!isFolder && isOle(head)) return { score: 50, why: 'compound file' };
    if (/\.oib$/i.test(name)) return { score: 25, why: 'extension .oib, but no compound file' };
    return { score: 0, why: 'no compound file' };
  },
  async identify(input: InputTree): Promise<Verdict> {
    const { hasOibInfo } = await import('./files.js');
    return (await hasOibInfo(input))
      ? { score: 100, why: 'compound file with OibInfo.txt' }
      : { score: 0, why: 'compound file without OibInfo.txt' };
  },
  async open(input, options) {
    const { openFluoView } = await import('./reader.js');
    return openFluoView('oib', input, options);
  },
};
