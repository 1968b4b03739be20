// Pictures of electron microscopes: the pixels of a plain TIFF, the facts of a private tag.

import { decodeText, type TiffIfd } from '../../src/containers/tiff/ifd.js';
import { buildLevel } from '../../src/containers/tiff/level.js';
import { describeTags, listTags } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import { planeKey } from '../../src/containers/tiff/page.js';
import { readablePages } from '../../src/containers/tiff/pyramid.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import type { OmeImage, OmeInstrument } from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import type { SemFacts } from './facts.js';
import { feiFacts } from './fei.js';
import { zeissFacts } from './zeiss.js';

const FEI_TAGS = [34682, 34680];
const ZEISS_TAG = 34118;

async function factsOf(ifd: TiffIfd): Promise<SemFacts> {
  for (const tag of FEI_TAGS) {
    const bytes = await ifd.bytes(tag);
    if (bytes) return feiFacts(decodeText(bytes));
  }
  return zeissFacts(decodeText((await ifd.bytes(ZEISS_TAG)) ?? new Uint8Array()));
}

function stageLabel({ stage }: SemFacts): OmeImage['StageLabel'] {
  const [x, y, z] = stage;
  if (x === undefined && y === undefined) return undefined;
  const place = (value: number | undefined) => quantity(value, 'reference frame');
  return defined({ Name: '', X: place(x), Y: place(y), Z: place(z) });
}

export async function openSem(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const file = await openTiff(input, options.limits);
  const pages = await readablePages(file.ifds, options.signal);
  const page = pages[0]!;
  const planes = pages.filter((each) => planeKey(each) === planeKey(page));
  if (planes.length < pages.length) {
    file.report('SEM_PAGE', 'loss', `${pages.length - planes.length} pages of another size or type are left out`);
  }
  const facts = await factsOf(page.ifd);
  const tags = await describeTags(page);
  const level = await buildLevel(
    planes.map((each) => ({ page: each })),
    { t: planes.length, c: 1, z: 1, keepInk: options.reader.ink === 'stored' },
  );
  const WorkingDistance = positive(
    facts.workingDistance === undefined ? undefined : Number((facts.workingDistance * 1e3).toPrecision(12)),
    'mm',
  );
  const instrument = defined<OmeInstrument>({
    ID: 'Instrument:0',
    Microscope: defined({ Manufacturer: facts.manufacturer, Model: facts.model, SerialNumber: facts.serial }),
    Detectors: facts.detector ? [{ ID: 'Detector:0:0', Model: facts.detector }] : undefined,
    Objectives: WorkingDistance ? [{ ID: 'Objective:0:0', WorkingDistance }] : undefined,
  });
  const parts = {
    index: 0,
    name: input.name,
    page,
    levels: [level] as const,
    image: defined<Partial<OmeImage>>({
      AcquisitionDate: facts.date ?? tags.image.AcquisitionDate,
      InstrumentRef: instrument.ID,
      ObjectiveSettings: WorkingDistance ? { ID: 'Objective:0:0' } : undefined,
      StageLabel: stageLabel(facts),
      ExperimenterRef: facts.person ? 'Experimenter:0' : undefined,
    }),
    // The resolution tags are those of a screen: no size is better than that one.
    pixels: defined({
      SignificantBits: tags.pixels.SignificantBits,
      PhysicalSizeX: positive(facts.pixelX, 'µm'),
      PhysicalSizeY: positive(facts.pixelY, 'µm'),
      TimeIncrement: positive(facts.frameTime, 's'),
    }),
    channels: facts.detector
      ? tags.channels.map((channel) => ({ ...channel, DetectorSettings: { ID: 'Detector:0:0' } }))
      : tags.channels,
  };
  for (const notice of file.notices) options.notice(notice);
  const listed = (await listTags(page.ifd)).filter(({ key }) => !/^Tag 34(680|682|118)$/.test(key));
  return {
    format: 'sem-tiff',
    ome: defined({
      Images: [omeImage(parts)],
      Instruments: [instrument],
      Experimenters: facts.person ? [{ ID: 'Experimenter:0', LastName: facts.person }] : undefined,
    }),
    images: [await imageSource(parts)],
    original: [...facts.entries.map(([key, value]) => ({ key, value })), ...listed],
    files: [file.source.name],
  };
}
