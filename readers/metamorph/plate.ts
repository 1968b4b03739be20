// A MetaXpress plate: one image a well and site.

import { buildLevel, type PlaneSource } from '../../src/containers/tiff/level.js';
import { pageChannels } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { planeKey } from '../../src/containers/tiff/page.js';
import type { Dataset, ImageSource, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeChannel, OmeImage, OmeInstrument, OmePlane, OmeWell } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import { factsOf, type PlaneFacts } from './arrange.js';
import { findImages, type HtdPlate, type Place, parseHtd, wellName } from './htd.js';
import { channelFacts, imageFacts, instrumentOf, originalOf, pixelFacts, planeOf } from './metadata.js';
import { openMember } from './set.js';
import type { Stack } from './stack.js';

interface Field {
  readonly well: Place['well'];
  readonly site: number;
}

interface Member {
  readonly stack: Stack;
  readonly facts: PlaneFacts;
}

class PlateReader {
  readonly images: ImageSource[] = [];
  readonly omeImages: OmeImage[] = [];
  readonly files: string[];
  readonly missing: string[] = [];
  readonly original: OriginalMetadata[];
  instrument: OmeInstrument | undefined;

  constructor(
    private readonly input: InputTree,
    private readonly plate: HtdPlate,
    private readonly base: string,
    private readonly find: (place: Place) => string | undefined,
    private readonly options: OpenOptions,
  ) {
    this.files = [`${input.root}/${input.name}`];
    this.original = plate.entries.map(([key, value]) => ({ key: `MetaXpress ${key}`, value }));
  }

  private async member(place: Place): Promise<Member | undefined> {
    const name = this.find(place);
    if (name === undefined) {
      const { waveInName, timePoints, zSteps } = this.plate;
      const folder = `${timePoints > 1 ? `TimePoint_${place.time + 1}/` : ''}${zSteps > 1 ? `ZStep_${place.z + 1}/` : ''}`;
      const site = place.site > 0 ? `_s${place.site}` : '';
      this.missing.push(
        `${folder}${this.base}_${wellName(place.well)}${site}${waveInName ? `_w${place.wave + 1}` : ''}.TIF`,
      );
      return undefined;
    }
    try {
      const stack = await openMember(this.input, name, this.options);
      this.files.push(stack.file.source.name);
      for (const notice of stack.file.notices) this.options.notice(notice);
      return { stack, facts: factsOf(stack)[0] ?? {} };
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame !== 'format') throw error;
      this.options.notice({
        code: 'METAMORPH_MEMBER',
        rank: 'damage',
        text: `${name} cannot be read: ${error.message}`,
      });
      return undefined;
    }
  }

  /** Index of the image; undefined where the field has no file at all. */
  async field({ well, site }: Field): Promise<number | undefined> {
    const { timePoints, zSteps, waves } = this.plate;
    const index = this.images.length;
    const planes: (PlaneSource | undefined)[] = [];
    const described: OmePlane[] = [];
    const firsts: (Member | undefined)[] = waves.map(() => undefined);
    let start: number | undefined;
    for (let t = 0; t < timePoints; t++) {
      this.options.signal?.throwIfAborted();
      for (let c = 0; c < waves.length; c++) {
        for (let z = 0; z < zSteps; z++) {
          const member = await this.member({ well, site, wave: c, time: t, z });
          planes.push(member?.stack.planes[0]);
          if (!member) continue;
          firsts[c] ??= member;
          start ??= member.facts.time;
          const plane = planeOf({ t, c, z }, member.facts, member.stack.properties[0], start);
          if (Object.keys(plane).length > 3) described.push(plane);
          if (member.stack.page.compression === 1 && this.files.length > 64) await member.stack.file.source.close();
        }
      }
    }
    const first = firsts.find((member) => member !== undefined);
    if (!first) return undefined;
    const { page } = first.stack;
    const fitting = planes.map((plane) => (plane && planeKey(plane.page) === planeKey(page) ? plane : undefined));
    const level = await buildLevel(fitting, { t: timePoints, c: waves.length, z: zSteps });
    const samples = pageChannels(page);
    const channels = waves.flatMap((name, c) => {
      const known = channelFacts((firsts[c] ?? first).stack, firsts[c]?.facts, name || undefined);
      return samples.map((SamplesPerPixel): Partial<OmeChannel> => ({ ...known, SamplesPerPixel }));
    });
    this.instrument ??= instrumentOf(first.stack);
    const { pixels } = pixelFacts(first.stack, [first.facts], zSteps);
    const name = `${wellName(well)}${site > 0 ? ` site ${site}` : ''}`;
    const parts = {
      index,
      name,
      page,
      levels: [level] as const,
      image: await imageFacts(first.stack, [first.facts], this.instrument),
      pixels: { ...pixels, ...(described.length > 0 && samples.length === 1 ? { Planes: described } : {}) },
      channels,
    };
    this.images.push(await imageSource(parts, { palette: undefined, categorical: undefined }));
    this.omeImages.push(omeImage(parts));
    this.original.push(...originalOf(first.stack, index));
    return index;
  }
}

export async function openPlate(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const bytes = (await input.readSmall(input.name, options.limits.metadataBytes)) ?? new Uint8Array();
  const plate = parseHtd(new TextDecoder('latin1').decode(bytes), input.path);
  const base = input.name.replace(/\.htd$/i, '');
  const sites = plate.sites.length > 0 ? plate.sites : [0];
  const count = plate.wells.length * sites.length * plate.waves.length * plate.timePoints * plate.zSteps;
  if (plate.wells.length * sites.length > options.limits.images || count > options.limits.directories) {
    throw new ImgconvError('limit', 'IMAGE_COUNT', `the plate has ${count} files`, { file: input.path });
  }
  const reader = new PlateReader(input, plate, base, await findImages(input, base, plate), options);
  const wells: OmeWell[] = [];
  for (const well of plate.wells) {
    const samples: OmeWell['WellSamples'][number][] = [];
    const number = wells.length;
    for (const site of sites) {
      const image = await reader.field({ well, site });
      if (image === undefined) continue;
      const Index = reader.images.length - 1;
      samples.push({ ID: `WellSample:0:${number}:${samples.length}`, Index, ImageRef: `Image:${image}` });
    }
    if (samples.length > 0)
      wells.push({ ID: `Well:0:${number}`, Row: well.row, Column: well.column, WellSamples: samples });
  }
  const { images, omeImages, original, files, missing, instrument } = reader;
  if (images.length === 0) {
    throw formatError('HTD_EMPTY', `no file of the plate exists, the first would be ${missing[0] ?? 'unknown'}`, {
      file: input.path,
    });
  }
  return {
    format: 'metamorph',
    ome: defined({
      Images: omeImages,
      Instruments: instrument ? [instrument] : undefined,
      Plates: [
        defined({
          ID: 'Plate:0',
          Name: base,
          Rows: plate.rows,
          Columns: plate.columns,
          RowNamingConvention: 'letter' as const,
          ColumnNamingConvention: 'number' as const,
          Description: plate.description,
          Wells: wells,
        }),
      ],
    }),
    images,
    original,
    files,
    ...(missing.length > 0 ? { missing } : {}),
  };
}
