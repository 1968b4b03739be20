// Zeiss LSM: images of all positions, their calibration, channels, times and instrument.

import { buildLevel } from '../../src/containers/tiff/level.js';
import { listTags } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import type { Dataset, ImageSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeImage, OmeModel } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import { readFacts } from './facts.js';
import { parseInfo } from './info.js';
import { instrumentOf } from './instrument.js';
import { channelsOf, imageFacts, originalOf, pixelFacts, planeFacts, userOf } from './metadata.js';
import { readOverlays } from './overlays.js';
import { readPlanes } from './planes.js';

const LSM_TAG = 34412;

export async function openLsm(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const file = await openTiff(input, options.limits);
  const bytes = await file.ifds[0]?.bytes(LSM_TAG);
  if (!bytes) throw formatError('LSM_INFO', 'no CZ_LSMINFO tag', { file: file.source.name });
  const info = parseInfo(bytes, file.source.name);
  const facts = await readFacts(file.source, info);
  const grids = await readPlanes(file, info, options.signal);
  if (grids.length > options.limits.images) {
    throw new ImgconvError(
      'limit',
      'IMAGE_COUNT',
      `${grids.length} positions, the limit is ${options.limits.images} images`,
      { file: file.source.name },
    );
  }
  const { instrument, channels } = instrumentOf(facts.scan);
  const { rois, left } = await readOverlays(file.source, info);
  if (left > 0) {
    const text = `${left} drawing elements have no counterpart (texts, scale bars …); they are left out`;
    options.notice({ code: 'LSM_OVERLAY', rank: 'info', text });
  }
  const base = input.name.replace(/\.[^.]*$/, '');
  const images: ImageSource[] = [];
  const omeImages: OmeImage[] = [];
  for (const [index, grid] of grids.entries()) {
    const level = await buildLevel(grid.planes, { t: grid.t, c: 1, z: grid.z, keepInk: true });
    const { page } = grid.planes.find((plane) => plane !== undefined)!;
    const planes = planeFacts(info, facts, index, grids.length, level.shape);
    const parts = {
      index,
      name: grids.length > 1 ? `${base} #${index + 1}` : base,
      page,
      levels: [level] as const,
      image: { ...imageFacts(facts, instrument), ...(rois.length > 0 ? { ROIRefs: rois.map(({ ID }) => ID) } : {}) },
      pixels: { ...pixelFacts(info, facts, page), ...(planes.length > 0 ? { Planes: planes } : {}) },
      channels: channelsOf(info, facts, channels, level.shape[1]),
    };
    images.push(await imageSource(parts, { palette: undefined, categorical: undefined }));
    omeImages.push(omeImage(parts));
  }
  for (const notice of file.notices) options.notice(notice);
  const user = userOf(facts);
  const ome: OmeModel = defined({
    Images: omeImages,
    Instruments: [instrument],
    ROIs: rois.length > 0 ? rois : undefined,
    Experimenters: user ? [{ ID: 'Experimenter:0', UserName: user }] : undefined,
  });
  const tags = (await listTags(file.ifds[0]!)).filter(({ key }) => key !== `Tag ${LSM_TAG}`);
  return { format: 'lsm', ome, images, original: [...originalOf(info, facts), ...tags], files: [file.source.name] };
}
