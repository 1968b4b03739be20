// `imgconv info`: what a file holds, from its headers.

import { toggle } from '../flags/flag.js';
import { maxWorkers, messageFlags, openFlags, opening } from '../flags/run.js';
import { usage } from '../values.js';
import type { Command } from './command.js';
import { eachPath } from './each-path.js';

const json = toggle(
  'Output',
  '--json',
  'as JSON: one object, or one a line for several inputs (`imgconv schema info`)',
);
const xml = toggle('Output', '--xml', 'the OME-XML that a conversion would write, instead of the summary');
const explain = toggle('Output', '--explain', "every reader's verdict");
const files = toggle('Output', '--files', 'all files that belong to the input');
const hash = toggle('Output', '--hash', 'content hashes of the images: reads all pixels');
const original = toggle('Output', '--original-metadata', 'all vendor metadata');

export const info: Command = {
  usage: '<file or folder ... | ->',
  description: 'Show what images a file holds: format, sizes, channels, pyramid, instrument. Reads headers only.',
  flags: [json, xml, explain, files, hash, original, ...openFlags, maxWorkers, ...messageFlags],
  examples: [
    ['imgconv info slide.svs', 'a summary'],
    ['imgconv info --json scan.czi', 'for programs'],
    ['imgconv info --explain odd.tif', 'why this reader was chosen'],
    ["find . -name '*.lif' | imgconv info --json -", 'many, one JSON object a line'],
  ],
  async run({ paths, values, terminal }) {
    if (paths.length === 0) throw usage('info needs a file or folder');
    const { inspect } = await import('../../app/info.js');
    const { infoText } = await import('../info-text.js');
    return eachPath(paths, terminal, async (path, several) => {
      const { info: found, dataset } = await inspect(path, {
        ...opening(values),
        workers: values.get(maxWorkers),
        explain: values.get(explain),
        originalMetadata: values.get(original),
        hash: values.get(hash),
        notice: (notice) => terminal.notice(notice),
      });
      if (values.get(xml)) {
        const { writeOmeXml } = await import('../../app/model-xml.js');
        await terminal.out(writeOmeXml(dataset, values.get(original)));
      } else if (values.get(json)) {
        await terminal.out(`${JSON.stringify(found, null, several ? 0 : 2)}\n`);
      } else {
        await terminal.out(`${infoText(found, values.get(files))}${several ? '\n' : ''}`);
      }
      return found.missing.length > 0 || found.notices.some(({ rank }) => rank === 'damage') ? 1 : 0;
    });
  },
};
