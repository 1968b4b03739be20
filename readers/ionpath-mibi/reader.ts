// Ionpath MIBI: every page has a JSON object in its description; `image.type` groups pages, SIMS pages are channels of one image.

import { buildLevel } from '../../src/containers/tiff/level.js';
import { describeTags, listTags } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import { planeKey, type TiffPage } from '../../src/containers/tiff/page.js';
import { readablePages } from '../../src/containers/tiff/pyramid.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { Dataset, ImageSource, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import type { OmeChannel, OmeImage } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';

type Facts = ReadonlyMap<string, string>;

interface MibiPage {
  readonly page: TiffPage;
  readonly facts: Facts;
}

export function parseFacts(text: string | undefined): Facts {
  try {
    const object: unknown = JSON.parse(text ?? '{}');
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return new Map();
    return new Map(
      Object.entries(object).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
    );
  } catch {
    return new Map();
  }
}

/** Pages of one kind and size that follow each other. */
function groups(pages: readonly MibiPage[]): MibiPage[][] {
  const found: MibiPage[][] = [];
  for (const each of pages) {
    const last = found.at(-1)?.[0];
    const kind = each.facts.get('image.type');
    const joins =
      last && kind === 'SIMS' && last.facts.get('image.type') === kind && planeKey(last.page) === planeKey(each.page);
    if (joins) found.at(-1)!.push(each);
    else found.push([each]);
  }
  return found;
}

/** What was measured: the target of an antibody, or the bare mass. */
function channelName(facts: Facts): string | undefined {
  const target = facts.get('channel.target');
  if (target && target !== 'null') return `Target:${target}`;
  const mass = facts.get('channel.mass');
  return mass ? `Mass:${mass}` : undefined;
}

export async function openMibi(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const file = await openTiff(input, options.limits);
  const pages: MibiPage[] = [];
  for (const page of await readablePages(file.ifds, options.signal))
    pages.push({ page, facts: parseFacts(await page.ifd.text(TAG.ImageDescription)) });
  const images: ImageSource[] = [];
  const omeImages: OmeImage[] = [];
  const original: OriginalMetadata[] = [];
  for (const [index, group] of groups(pages).entries()) {
    const { page, facts } = group[0]!;
    const tags = await describeTags(page);
    const level = await buildLevel(
      group.map((each) => ({ page: each.page })),
      { t: 1, c: group.length, z: 1 },
    );
    const kind = facts.get('image.type');
    const parts = {
      index,
      name: kind ? `${input.name} ${kind}` : input.name,
      page,
      levels: [level] as const,
      image: defined<Partial<OmeImage>>({
        AcquisitionDate: tags.image.AcquisitionDate,
        Description: facts.get('mibi.description'),
        InstrumentRef: 'Instrument:0',
      }),
      pixels: tags.pixels,
      channels: group.flatMap((each) =>
        tags.channels.map((channel): Partial<OmeChannel> => defined({ ...channel, Name: channelName(each.facts) })),
      ),
    };
    const role = kind === 'Label' ? 'label' : 'pixels';
    images.push(await imageSource(parts, { role }));
    omeImages.push(omeImage(parts));
    original.push(...(await listTags(page.ifd, index)).filter(({ key }) => key !== 'ImageDescription'));
    for (const [i, each] of group.entries()) {
      for (const [key, value] of each.facts) {
        const own = key.startsWith('channel.');
        if (own || i === 0) original.push({ image: index, key: own ? `Channel ${i + 1} ${key}` : key, value });
      }
    }
  }
  for (const notice of file.notices) options.notice(notice);
  const instrument = pages[0]!.facts.get('mibi.instrument');
  return {
    format: 'ionpath-mibi',
    ome: {
      Images: omeImages,
      Instruments: [defined({ ID: 'Instrument:0', Microscope: instrument ? { Model: instrument } : undefined })],
    },
    images,
    original,
    files: [file.source.name],
  };
}
