// A single STK or TIFF file.

import { buildLevel, type PlaneSource } from '../../src/containers/tiff/level.js';
import { listTags, pageChannels } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import type { OmeChannel, OmePlane } from '../../src/core/ome.js';
import { arrange, factsOf } from './arrange.js';
import { channelFacts, imageFacts, instrumentOf, originalOf, pixelFacts, planeOf } from './metadata.js';
import { readStack } from './stack.js';

/** The set that the file was part of had time points: its own planes are something else. */
const TIME_MEMBER = /_t\d+\.[^.]+$/i;

export async function openSingle(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const stack = await readStack(await openTiff(input, options.limits), options.signal);
  const facts = factsOf(stack);
  const size = arrange(stack, facts, TIME_MEMBER.test(input.name));
  const planes: (PlaneSource | undefined)[] = [];
  const described: OmePlane[] = [];
  const start = facts[0]?.time;
  for (let t = 0; t < size.t; t++) {
    for (let c = 0; c < size.c; c++) {
      for (let z = 0; z < size.z; z++) {
        const i = size.planeAt(t, c, z);
        planes.push(i === undefined ? undefined : stack.planes[i]);
        if (i === undefined) continue;
        const plane = planeOf({ t, c, z }, facts[i]!, stack.properties[i] ?? stack.properties[0], start);
        if (Object.keys(plane).length > 3) described.push(plane);
      }
    }
  }
  const level = await buildLevel(planes, size);
  const samples = pageChannels(stack.page);
  const channels = Array.from({ length: size.c }, (_, c) => {
    const first = size.planeAt(0, c, 0);
    const known = channelFacts(stack, first === undefined ? undefined : facts[first], undefined);
    return samples.map((SamplesPerPixel): Partial<OmeChannel> => ({ ...known, SamplesPerPixel }));
  }).flat();
  const instrument = instrumentOf(stack);
  const { pixels, unnamed } = pixelFacts(stack, facts, size.z);
  if (unnamed) {
    options.notice({
      code: 'METAMORPH_NO_UNIT',
      rank: 'info',
      text: 'the calibration names no unit: taken as micrometres',
    });
  }
  const parts = {
    index: 0,
    name: nameOf(stack.properties[0]?.get('image-name') ?? stack.uic?.name, input.name),
    page: stack.page,
    levels: [level] as const,
    image: await imageFacts(stack, facts, instrument),
    pixels: { ...pixels, ...(described.length > 0 ? { Planes: samples.length === 1 ? described : [] } : {}) },
    channels,
  };
  for (const notice of stack.file.notices) options.notice(notice);
  const tags = (await listTags(stack.page.ifd)).filter(
    ({ key }) => !/^(ImageDescription|Tag 336(28|29|30|31))$/.test(key),
  );
  return {
    format: 'metamorph',
    ome: { Images: [omeImage(parts)], Instruments: [instrument] },
    images: [await imageSource(parts, { palette: undefined, categorical: undefined })],
    original: [...originalOf(stack, 0), ...tags],
    files: [stack.file.source.name],
  };
}

function nameOf(stored: string | undefined, file: string): string {
  const base = file.replace(/\.[^.]*$/, '');
  return stored?.trim() || base;
}
