// DICOM. Layout, choices and sources: NOTES.md.

import { readFile } from '../../src/containers/dicom/file.js';
import { hasImage } from '../../src/containers/dicom/pixel-format.js';
import { TAG } from '../../src/containers/dicom/tags.js';
import type {
  Dataset,
  ImageSource,
  InputTree,
  Level,
  Notice,
  OpenOptions,
  OriginalMetadata,
} from '../../src/core/contracts.js';
import { ImgconvError, unsupported } from '../../src/core/errors.js';
import type { OmeExperimenter, OmeImage, OmeInstrument } from '../../src/core/ome.js';
import { arrange } from './arrange.js';
import { makeLevel, type PlacedFrame } from './blocks.js';
import { collect } from './collect.js';
import type { Frame } from './frame.js';
import { type Group, groupInstances, type Slide, type Stack } from './group.js';
import { type Instance, objectOf, readInstance } from './instance.js';
import {
  type Described,
  describe,
  displayOf,
  experimenterOf,
  focalSpacing,
  instrumentOf,
  rescaleOf,
  titleOf,
} from './metadata.js';
import { originalOf } from './original.js';
import { paletteOf } from './palette.js';
import { type Spacing, spacingOf } from './spacing.js';

interface Loaded {
  readonly instance: Instance;
  /** Held back until it is clear that the file belongs to what was asked for. */
  readonly notices: readonly Notice[];
  readonly palette?: NonNullable<ImageSource['palette']>;
}

/** Undefined for data sets without an image (reports, structures, presentation states). */
async function load(input: InputTree, name: string, options: OpenOptions): Promise<Loaded | undefined> {
  const source = await input.open(name);
  const notices: Notice[] = [];
  try {
    const file = await readFile(source, options);
    if (!hasImage(file)) {
      if (!file.damage) return undefined;
      throw new ImgconvError('format', 'TRUNCATED', `${file.name}: ${file.damage}, before it describes an image`, {
        file: file.name,
      });
    }
    const instance = await readInstance(file, source, { ...options, notice: (notice) => void notices.push(notice) });
    const indexed = instance.format.photometric === 'PALETTE COLOR';
    return { instance, notices, palette: indexed ? await paletteOf(file, source) : undefined };
  } finally {
    await source.close();
  }
}

/** Headers of all files; those that fail are told of, unless the user named them. */
async function loadAll(
  input: InputTree,
  options: OpenOptions,
): Promise<{ loaded: Loaded[]; named?: Instance; extra: string[]; missing: readonly string[] }> {
  const { names, named, missing, directory } = await collect(input, options);
  const loaded: Loaded[] = [];
  const objects = new Set<string>();
  let main: Instance | undefined;
  let others = 0;
  let empty = false;
  let failure: ImgconvError | undefined;
  for (const name of names) {
    options.signal?.throwIfAborted();
    try {
      const one = await load(input, name, options);
      if (!one) {
        others++;
        empty ||= name === named;
        continue;
      }
      const object = objectOf(one.instance.data);
      if (object !== '' && objects.has(object)) {
        options.notice({
          code: 'DICOM_DUPLICATE',
          rank: 'info',
          text: `${one.instance.file.name}: the same object as an earlier file, left out`,
        });
        continue;
      }
      objects.add(object);
      loaded.push(one);
      if (name === named) main = one.instance;
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'io' || name === named) throw error;
      failure = error;
      options.notice({ code: error.code, rank: 'damage', text: `left out: ${error.message}` });
    }
  }
  if (loaded.length === 0) {
    if (failure && !empty) throw failure;
    const what =
      others > 0
        ? 'no image in the data set: reports, structures and presentation states are not converted'
        : 'no DICOM file';
    throw unsupported('DICOM_NO_IMAGE', `${input.path}: ${what}`, { file: input.path });
  }
  return { loaded, named: main, extra: directory ? [directory] : [], missing };
}

/** What belongs to the file that the user named: its stack, or all of its slide's images. */
function chosen(groups: readonly Group[], named: Instance | undefined): readonly Group[] {
  if (!named) return groups;
  const own = groups.find((group) => group.instances.includes(named));
  if (!own) return groups;
  return own.kind === 'slide' && !named.data.get(TAG.SegmentSequence)
    ? groups.filter((group) => group.kind === 'slide')
    : [own];
}

interface Built {
  readonly described: Described;
  readonly levels: readonly [Level, ...Level[]];
  readonly role: ImageSource['role'];
  readonly instances: readonly Instance[];
}

function buildStack(
  group: Stack,
  index: number,
  base: Omit<Described, 'frames' | 'shape' | 'samples' | 'spacing' | 'tiled'>,
): Built {
  const frames = group.instances.flatMap((instance) =>
    Array.from({ length: instance.format.frames }, (_, i): Frame => ({ instance, index: i })),
  );
  const placed = arrange(frames);
  const { format } = group.instances[0]!;
  const list = frames.map((frame, i): PlacedFrame => {
    const [t, c, z] = placed.places[i]!;
    return { ...frame, t, c, z, y: 0, x: 0 };
  });
  // In the order of planes, so that the first one speaks for the image.
  list.sort((a, b) => a.t - b.t || a.c - b.c || a.z - b.z);
  const { rows, columns, samples } = format;
  const level = makeLevel({
    sizeT: placed.sizeT,
    channels: placed.sizeC,
    sizeZ: placed.sizeZ,
    rows,
    columns,
    samples,
    frames: list,
    absent: placed.sparse ? 'sparse' : 'missing',
    fill: 0,
  });
  const own = spacingOf(list[0]!);
  const spacing: Spacing = { ...own, z: placed.spacing ?? own.z };
  const apart = group.instances[0]!.chain.components;
  return {
    described: {
      ...base,
      index,
      frames: list,
      shape: level.shape,
      samples: apart ? 1 : samples,
      spacing,
      tiled: false,
      channelNames: placed.channelNames ?? apart,
    },
    levels: [level],
    role: 'pixels',
    instances: group.instances,
  };
}

function buildSlide(
  group: Slide,
  index: number,
  base: Omit<Described, 'frames' | 'shape' | 'samples' | 'spacing' | 'tiled'>,
): Built {
  const [full] = group.levels;
  const levels = group.levels.map(makeLevel) as [Level, ...Level[]];
  const frame = full.frames[0]!;
  const apart = frame.instance.chain.components;
  const own = spacingOf(frame);
  const spacing = { ...own, z: full.spacing ?? (full.sizeZ > 1 ? focalSpacing(frame) : own.z) };
  return {
    described: {
      ...base,
      index,
      frames: full.frames,
      shape: levels[0].shape,
      samples: apart ? 1 : full.samples,
      spacing,
      tiled: true,
      channelNames: apart ?? full.channelNames,
      channelKeys: full.channelKeys,
    },
    levels,
    role: group.role,
    instances: group.instances,
  };
}

function notices(built: Built, options: OpenOptions): void {
  const { described, instances } = built;
  const { name, frames, spacing } = described;
  const say = (code: string, text: string): void => options.notice({ code, rank: 'info', text: `${name}: ${text}` });
  const scale = rescaleOf(frames[0]!);
  if (scale)
    say('DICOM_RESCALE', `pixels are stored values; the file's scale is ${scale.slope} × value + ${scale.intercept}`);
  const { components } = instances[0]!.chain;
  if (components) {
    const how = components[0] === 'Y' ? '; --option rgb=true converts to RGB' : '';
    say('DICOM_COLOUR', `channels are the stored ${components.join(', ')}${how}`);
  }
  if (spacing.plane === 'detector') say('DICOM_SPACING', 'the pixel size is that on the detector');
  if (spacing.plane === 'film') say('DICOM_SPACING', 'the pixel size is that on the film');
  if (instances.some(({ data }) => data.elements.some(({ tag }) => tag >>> 24 === 0x60 && (tag & 0xffff) === 0x3000))) {
    say('DICOM_OVERLAY', 'overlays are not converted');
  }
}

export async function openDicom(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const { loaded, named, extra, missing } = await loadAll(input, options);
  const groups = chosen(groupInstances(loaded.map((one) => one.instance)), named);
  const used = new Set(groups.flatMap(({ instances }) => instances));
  for (const { instance, notices: held } of loaded)
    if (used.has(instance)) for (const notice of held) options.notice(notice);
  const palettes = new Map(loaded.map(({ instance, palette }) => [instance, palette]));
  const omeImages: OmeImage[] = [];
  const images: ImageSource[] = [];
  const original: OriginalMetadata[] = [];
  const instruments: OmeInstrument[] = [];
  const experimenters: OmeExperimenter[] = [];
  for (const group of groups) {
    const index = images.length;
    const first = group.instances[0]!;
    const instrument = shared(instruments, instrumentOf(first, index));
    const experimenter = sharedPerson(experimenters, experimenterOf(first));
    const base = { index, name: titleOf(first, input.name), instrument, experimenter };
    const built = group.kind === 'slide' ? buildSlide(group, index, base) : buildStack(group, index, base);
    notices(built, options);
    omeImages.push(describe(built.described));
    images.push(imageOf(built, palettes));
    const cut = (): void =>
      options.notice({
        code: 'DICOM_METADATA',
        rank: 'loss',
        text: `${base.name}: too many elements to list; some are left out`,
      });
    original.push(...originalOf(group.instances, index, cut));
  }
  const files = [...extra, ...new Set(groups.flatMap((group) => group.instances.map(({ file }) => file.name)))];
  return {
    format: 'dicom',
    ome: {
      Images: omeImages,
      Instruments: instruments.length > 0 ? instruments : undefined,
      Experimenters: experimenters.length > 0 ? experimenters : undefined,
    },
    images,
    original,
    files,
    missing: missing.length > 0 ? missing : undefined,
  };
}

function imageOf(built: Built, palettes: ReadonlyMap<Instance, ImageSource['palette']>): ImageSource {
  const { described, levels, role, instances } = built;
  const first = instances[0]!;
  const palette = palettes.get(first);
  const labels = first.data.text(TAG.SegmentationType);
  const categorical = palette !== undefined || labels === 'BINARY' || labels === 'LABELMAP';
  return {
    name: described.name,
    role,
    type: first.chain.type,
    levels,
    ...(palette ? { palette } : {}),
    ...(categorical ? { categorical } : {}),
    display: palette || described.shape[1] !== 1 ? undefined : displayOf(described.frames, described.samples),
  };
}

/** The instrument listed already, or this one added. */
function shared(list: OmeInstrument[], one: OmeInstrument | undefined): OmeInstrument | undefined {
  if (!one) return undefined;
  const facts = ({ Microscope, Objectives }: OmeInstrument): string =>
    JSON.stringify([Microscope, Objectives?.map(({ ID: _, ...rest }) => rest)]);
  const known = list.find((each) => facts(each) === facts(one));
  if (known) return known;
  list.push(one);
  return one;
}

function sharedPerson(list: OmeExperimenter[], one: OmeExperimenter | undefined): OmeExperimenter | undefined {
  if (!one) return undefined;
  const facts = ({ ID: _, ...rest }: OmeExperimenter): string => JSON.stringify(rest);
  const known = list.find((each) => facts(each) === facts(one));
  if (known) return known;
  const added = { ...one, ID: `Experimenter:${list.length}` };
  list.push(added);
  return added;
}
