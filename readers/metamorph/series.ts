// An .nd set: one image a stage position; waves that were taken at one height only, while others have a stack, become an image of their own.

import type { TiffFile } from '../../src/containers/tiff/file.js';
import { buildLevel, type PlaneSource } from '../../src/containers/tiff/level.js';
import { pageChannels } from '../../src/containers/tiff/metadata.js';
import { imageSource, omeImage } from '../../src/containers/tiff/model.js';
import { planeKey } from '../../src/containers/tiff/page.js';
import type { Dataset, ImageSource, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeChannel, OmeImage, OmeInstrument, OmePlane } from '../../src/core/ome.js';
import { factsOf, type PlaneFacts } from './arrange.js';
import { timeOf } from './description.js';
import { channelFacts, imageFacts, instrumentOf, isoOf, originalOf, pixelFacts, planeOf } from './metadata.js';
import { memberName, type NdFile } from './nd.js';
import { type MemberSet, openMember, openSet } from './set.js';
import type { Stack } from './stack.js';

interface Member {
  readonly stack: Stack;
  readonly facts: readonly PlaneFacts[];
}

/** Waves that share an image, with their planes along z. */
interface Group {
  readonly waves: readonly number[];
  readonly z: number;
}

function groupsOf(nd: NdFile): Group[] {
  if (nd.waves.length === 0) return [{ waves: [0], z: nd.zSteps }];
  const all = nd.waves.map((_, i) => i);
  const stacked = all.filter((i) => nd.waves[i]!.z && nd.zSteps > 1);
  const flat = all.filter((i) => !stacked.includes(i));
  const groups = [
    { waves: stacked, z: nd.zSteps },
    { waves: flat, z: 1 },
  ].filter(({ waves }) => waves.length > 0);
  return groups.sort((a, b) => a.waves[0]! - b.waves[0]!);
}

class SeriesReader {
  readonly files: string[];
  readonly missing: string[] = [];
  readonly original: OriginalMetadata[];
  readonly images: ImageSource[] = [];
  readonly omeImages: OmeImage[] = [];
  instrument: OmeInstrument | undefined;
  private model: Stack | undefined;

  constructor(
    private readonly input: InputTree,
    private readonly set: MemberSet,
    private readonly options: OpenOptions,
    ndName: string,
  ) {
    this.files = [`${input.root}/${ndName}`];
    this.original = set.nd.entries.map(([key, value]) => ({ key: `MetaMorph ND ${key}`, value }));
  }

  private async member(wave: number, stage: number, time: number): Promise<Member | undefined> {
    const name = this.set.find(wave, stage, time);
    if (name === undefined) {
      this.missing.push(`${memberName(this.set.nd, this.set.base, wave, stage, time)}.STK`);
      return undefined;
    }
    try {
      const stack = await openMember(this.input, name, this.options);
      this.files.push(stack.file.source.name);
      this.forward(stack.file);
      return { stack, facts: factsOf(stack) };
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

  private forward(file: TiffFile): void {
    for (const notice of file.notices) this.options.notice(notice);
  }

  async image(stage: number, group: Group, name: string): Promise<void> {
    const { nd } = this.set;
    const index = this.images.length;
    const times = nd.timePoints;
    const planes: (PlaneSource | undefined)[] = [];
    const described: OmePlane[] = [];
    const firsts: (Member | undefined)[] = group.waves.map(() => undefined);
    let start: number | undefined;
    for (let t = 0; t < times; t++) {
      this.options.signal?.throwIfAborted();
      for (const [c, wave] of group.waves.entries()) {
        const member = await this.member(wave, stage, t);
        firsts[c] ??= member;
        start ??= member?.facts[0]?.time;
        for (let z = 0; z < group.z; z++) {
          const plane = member?.stack.planes[z];
          planes.push(plane);
          if (!plane || !member) continue;
          const facts = planeOf(
            { t, c, z },
            member.facts[z] ?? {},
            member.stack.properties[z] ?? member.stack.properties[0],
            start,
          );
          if (Object.keys(facts).length > 3) described.push(facts);
        }
        if (member && t === 0 && this.images.length === 0)
          this.original.push(
            ...originalOf(member.stack, index, nd.waves.length > 1 ? `${nd.waves[wave]?.name ?? wave + 1} ` : ''),
          );
        await this.release(member?.stack);
      }
    }
    const first = firsts.find((member) => member !== undefined);
    if (!first) {
      this.options.notice({
        code: 'METAMORPH_STAGE',
        rank: 'damage',
        text: `no file of ${name} exists: the image is left out`,
      });
      return;
    }
    this.model ??= first.stack;
    const key = planeKey(first.stack.page);
    const fitting = planes.map((plane) => (plane && planeKey(plane.page) === key ? plane : undefined));
    const level = await buildLevel(fitting, { t: times, c: group.waves.length, z: group.z });
    const samples = pageChannels(first.stack.page);
    const channels = group.waves.flatMap((wave, c) => {
      const member = firsts[c] ?? first;
      const known = channelFacts(member.stack, firsts[c]?.facts[0], nd.waves[wave]?.name || undefined);
      return samples.map((SamplesPerPixel): Partial<OmeChannel> => ({ ...known, SamplesPerPixel }));
    });
    this.instrument ??= instrumentOf(first.stack);
    const { pixels } = pixelFacts(
      first.stack,
      first.facts.slice(0, group.z),
      group.z,
      group.z > 1 ? nd.zStep : undefined,
    );
    const began = timeOf(nd.startTime);
    const parts = {
      index,
      name,
      page: first.stack.page,
      levels: [level] as const,
      image: {
        ...(await imageFacts(first.stack, first.facts, this.instrument)),
        ...(began === undefined ? {} : { AcquisitionDate: isoOf(began) }),
        ...(nd.description?.trim() ? { Description: nd.description.trim() } : {}),
      },
      pixels: { ...pixels, ...(described.length > 0 && samples.length === 1 ? { Planes: described } : {}) },
      channels,
    };
    this.images.push(await imageSource(parts, { palette: undefined, categorical: undefined }));
    this.omeImages.push(omeImage(parts));
  }

  /** Uncompressed members are not read again while the set is opened; the first one's directory is. */
  private async release(stack: Stack | undefined): Promise<void> {
    if (stack && stack.page.compression === 1 && this.files.length > 64) await stack.file.source.close();
  }
}

export async function openSeries(input: InputTree, ndName: string, options: OpenOptions): Promise<Dataset> {
  const set = await openSet(input, ndName, options);
  const { nd, base } = set;
  const groups = groupsOf(nd);
  const stages = Math.max(1, nd.stages.length);
  const count = stages * nd.timePoints * Math.max(1, nd.waves.length);
  if (count > options.limits.directories || stages * groups.length > options.limits.images) {
    throw new ImgconvError('limit', 'IMAGE_COUNT', `the set has ${count} files in ${stages * groups.length} images`, {
      file: ndName,
    });
  }
  const reader = new SeriesReader(input, set, options, ndName);
  for (let stage = 0; stage < stages; stage++) {
    for (const group of groups) {
      const names = groups.length > 1 ? group.waves.map((wave) => nd.waves[wave]!.name).join('/') : '';
      const place = nd.stages.length > 0 ? `Stage${stage + 1} ${nd.stages[stage]}` : '';
      await reader.image(stage, group, [place, names].filter(Boolean).join('; ') || base);
    }
  }
  const { images, omeImages, original, files, missing, instrument } = reader;
  if (images.length === 0) {
    throw formatError('ND_EMPTY', `no file of the set exists, the first would be ${missing[0]}`, {
      file: `${input.root}/${ndName}`,
    });
  }
  return {
    format: 'metamorph',
    ome: { Images: omeImages, ...(instrument ? { Instruments: [instrument] } : {}) },
    images,
    original,
    files,
    ...(missing.length > 0 ? { missing } : {}),
  };
}
