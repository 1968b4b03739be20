// `imgconv diff` and `imgconv verify`: two data sets side by side.

import type { Comparison } from '../../app/schemas.js';
import { toggle } from '../flags/flag.js';
import { maxWorkers, messageFlags, openFlags, opening, report } from '../flags/run.js';
import { plural } from '../text.js';
import { usage } from '../values.js';
import type { Command, CommandInput } from './command.js';

const json = toggle('Output', '--json', 'as JSON (`imgconv schema diff`, `imgconv schema verify`)');
const pixelsOnly = toggle('Output', '--pixels', 'sizes, types and pixels decide; metadata differences are only told');
const flags = [json, pixelsOnly, report, ...openFlags, maxWorkers, ...messageFlags];

function comparisonText({ a, b, pixels, differences }: Comparison): string {
  const lines = pixels.flatMap((found) => {
    const { a: index, name, planes, equal, different, largest, psnr, first, firstPlane } = found;
    if (equal === planes) return [`= image ${index} ${name}: all ${plural(planes, 'plane')} equal`];
    const how = psnr === undefined ? '' : `, PSNR ${psnr.toFixed(2)} dB`;
    const what = `${planes - equal} of ${plural(planes, 'plane')} differ in ${plural(different, 'pixel')}, by ${largest} at most${how}`;
    const head = `! image ${index} ${name}: ${what}`;
    if (!first || !firstPlane) return [head];
    const { box } = firstPlane;
    const rows = `${plural(firstPlane.different, 'pixel')} inside x ${box.x}…${box.x + box.sizeX - 1}, y ${box.y}…${box.y + box.sizeY - 1}`;
    return [head, `  first at t ${first.t} c ${first.c} z ${first.z} y ${first.y} x ${first.x}; in this plane ${rows}`];
  });
  for (const { image, kind, what, a: left, b: right } of differences) {
    if (kind === 'pixels') continue;
    const place = image === undefined ? '' : `image ${image}: `;
    lines.push(`! ${place}${what}: ${left ?? 'nothing'} | ${right ?? 'nothing'}`);
  }
  return `${[`A ${a}`, `B ${b}`, ...lines].join('\n')}\n`;
}

function twoPaths({ paths }: CommandInput, name: string): readonly [string, string] {
  const [a, b, more] = paths;
  if (a === undefined || b === undefined || more !== undefined)
    throw usage(`${name} takes two inputs, found ${paths.length}`);
  return [a, b];
}

async function finish<T extends Comparison>(result: T, input: CommandInput): Promise<number> {
  const { values, terminal } = input;
  const text = `${JSON.stringify(result, null, 2)}\n`;
  const file = values.get(report);
  if (file !== undefined) {
    const { writeTextFile } = await import('../../app.js');
    await writeTextFile(file, text);
  }
  await terminal.out(values.get(json) ? text : comparisonText(result));
  const counted = values.get(pixelsOnly)
    ? result.differences.filter(({ kind }) => kind !== 'metadata')
    : result.differences;
  return counted.length > 0 || result.pixels.some(({ damaged }) => damaged > 0) ? 1 : 0;
}

function request({ values, terminal }: CommandInput) {
  return { ...opening(values), workers: values.get(maxWorkers), notice: terminal.notice.bind(terminal) };
}

export const diff: Command = {
  usage: '<a> <b>',
  description: 'Compare two inputs: pixels, sizes and metadata. Exit code 0 where they agree, 1 where they differ.',
  flags,
  examples: [
    ['imgconv diff old.ome.zarr new.ome.zarr', 'what differs, and where'],
    ['imgconv diff --pixels scan.czi scan.ome.tiff', 'only pixels count'],
  ],
  async run(input) {
    const [a, b] = twoPaths(input, 'diff');
    const { diffInputs } = await import('../../app/verify.js');
    return finish(await diffInputs(a, b, request(input)), input);
  },
};

export const verify: Command = {
  usage: '<source> <output>',
  description:
    'Read a source and what was made of it again, and prove that level 0 is equal plane by plane. Exit code 0 where nothing was lost, 1 where anything differs; what is lossy is measured (largest difference, PSNR).',
  flags,
  examples: [
    ['imgconv verify scan.czi scan.ome.zarr', 'equal, or what differs'],
    ['imgconv verify --report proof.json slide.svs slide.ome.tiff', 'the proof as JSON'],
  ],
  async run(input) {
    const [source, output] = twoPaths(input, 'verify');
    const { verifyConversion } = await import('../../app/verify.js');
    return finish(await verifyConversion(source, output, request(input)), input);
  },
};
