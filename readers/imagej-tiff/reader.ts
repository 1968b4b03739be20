// ImageJ stacks: pages (or the planes behind one directory) arranged by the description's channels, slices and frames.

import { buildLevel } from '../../src/containers/tiff/level.js';
import { describeTags, listTags } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import { describePage, planeKey, type TiffPage } from '../../src/containers/tiff/page.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { parseDescription } from './description.js';
import { readExtra } from './extra.js';
import { channelsOf, displayOf, originalOf, pixelsOf, roisOf } from './metadata.js';
import { arrange } from './planes.js';

export async function openImageJ(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const file = await openTiff(input, options.limits);
  const first = file.ifds[0]!;
  const description = parseDescription((await first.text(TAG.ImageDescription)) ?? '');
  const page = await describePage(first);
  const pages: TiffPage[] = [page];
  for (const ifd of file.ifds.slice(1)) {
    options.signal?.throwIfAborted();
    let next: TiffPage | undefined;
    try {
      next = await describePage(ifd, pages.at(-1));
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
      file.report('TIFF_PAGE', 'damage', `page ${pages.length + 1} is left out: ${error.message}`);
    }
    // ImageJ stacks have pages of one kind; what another program appended is not part of the stack.
    if (next && planeKey(next) === planeKey(page)) pages.push(next);
    else if (next)
      file.report(
        'IMAGEJ_PAGE',
        'loss',
        `the page at ${ifd.offset} is of another size or type than the stack: left out`,
      );
  }
  const extra = await readExtra(first);
  const { planes, size } = await arrange(pages, description, file);
  const tags = await describeTags(page);
  const level = await buildLevel(planes, { ...size, keepInk: options.reader.ink === 'stored' });
  const { pixels, unit } = await pixelsOf(page, description, size);
  if (unit === 'none') {
    options.notice({
      code: 'IMAGEJ_NO_UNIT',
      rank: 'info',
      text: 'the calibration names no unit: taken as micrometres',
    });
  }
  const rois = roisOf(extra, size);
  const parts = {
    index: 0,
    name: input.name,
    page,
    levels: [level] as const,
    image: {
      ...(tags.image.AcquisitionDate ? { AcquisitionDate: tags.image.AcquisitionDate } : {}),
      ...(rois.length > 0 ? { ROIRefs: rois.map((roi) => roi.ID) } : {}),
    },
    pixels: { ...(tags.pixels.SignificantBits ? { SignificantBits: tags.pixels.SignificantBits } : {}), ...pixels },
    channels: channelsOf(tags.channels, extra, size),
  };
  const display = displayOf(description, extra, level.shape[1]);
  for (const notice of file.notices) options.notice(notice);
  return {
    format: 'imagej-tiff',
    ome: { Images: [omeImage(parts)], ...(rois.length > 0 ? { ROIs: rois } : {}) },
    images: [await imageSource(parts, { categorical: undefined, ...(display ? { display } : {}) })],
    original: [
      ...originalOf(description, extra),
      ...(await listTags(first)).filter(({ key }) => !/^(ImageDescription|ImageJMetadata)/.test(key)),
    ],
    files: [file.source.name],
  };
}
