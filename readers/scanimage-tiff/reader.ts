// ScanImage: pages arranged by the settings.

import { buildLevel, type PlaneSource } from '../../src/containers/tiff/level.js';
import { describeTags, listTags } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import { planeKey } from '../../src/containers/tiff/page.js';
import { readablePages } from '../../src/containers/tiff/pyramid.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import type { OmeChannel, OmeImage, OmePlane } from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import { dateOf, layoutOf, numberOf, parseSettings, rateOf, savedChannels } from './settings.js';

export async function openScanImage(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const file = await openTiff(input, options.limits);
  const all = await readablePages(file.ifds, options.signal);
  const page = all[0]!;
  const pages = all.filter((each) => planeKey(each) === planeKey(page));
  if (pages.length < all.length) {
    file.report('SCANIMAGE_PAGE', 'loss', `${all.length - pages.length} pages of another size or type are left out`);
  }
  const settings = parseSettings(await page.ifd.text(TAG.Software), await page.ifd.text(TAG.ImageDescription));
  const { c, z, t, framesFirst } = layoutOf(settings, pages.length);
  const tags = await describeTags(page);
  const planes: PlaneSource[] = [];
  const described: OmePlane[] = [];
  const stamped = settings.has('frameTimestamps_sec') && tags.channels.length === 1;
  let start: number | undefined;
  for (let time = 0; time < t; time++) {
    for (let channel = 0; channel < c; channel++) {
      for (let slice = 0; slice < z; slice++) {
        const frame = framesFirst ? slice * t + time : time * z + slice;
        const own = pages[frame * c + channel]!;
        planes.push({ page: own });
        if (!stamped) continue;
        const stamp = numberOf(parseSettings(await own.ifd.text(TAG.ImageDescription)), 'frameTimestamps_sec');
        start ??= stamp;
        const delta = stamp === undefined || start === undefined ? undefined : quantity(stamp - start, 's');
        if (delta) described.push({ TheZ: slice, TheC: channel, TheT: time, DeltaT: delta });
      }
    }
  }
  const level = await buildLevel(planes, { t, c, z });
  const rate = rateOf(settings);
  const saved = savedChannels(settings);
  const names = c > 1 && saved.length === c;
  const step = numberOf(
    settings,
    'SI.hStackManager.actualStackZStepSize',
    'SI.hStackManager.stackZStepSize',
    'state.acq.zStepSize',
  );
  const parts = {
    index: 0,
    name: input.name,
    page,
    levels: [level] as const,
    image: defined<Partial<OmeImage>>({ AcquisitionDate: dateOf(settings) ?? tags.image.AcquisitionDate }),
    pixels: defined({
      ...(tags.unitless ? {} : tags.pixels),
      PhysicalSizeZ: z > 1 ? positive(step === undefined ? undefined : Math.abs(step), 'µm') : undefined,
      TimeIncrement: t > 1 && rate !== undefined && !framesFirst ? quantity(z / rate, 's') : undefined,
      Planes: described.length > 0 ? described : undefined,
    }),
    channels: Array.from({ length: c }, (_, i) =>
      tags.channels.map(
        (channel): Partial<OmeChannel> => (names ? { ...channel, Name: `Channel ${saved[i]}` } : channel),
      ),
    ).flat(),
  };
  for (const notice of file.notices) options.notice(notice);
  const listed = (await listTags(page.ifd)).filter(({ key }) => key !== 'ImageDescription');
  return {
    format: 'scanimage-tiff',
    ome: { Images: [omeImage(parts)] },
    images: [await imageSource(parts)],
    original: [...[...settings].map(([key, value]) => ({ key: `ScanImage ${key}`, value })), ...listed],
    files: [file.source.name],
  };
}
