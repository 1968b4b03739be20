// What an input is, from its headers alone.

import { type OpenRequest, openInput } from '../app.js';
import type { Chain } from '../core/blocks.js';
import { channelSamples } from '../core/channels.js';
import type { Dataset, ImageSource, Level } from '../core/contracts.js';
import type { OmeImage, OmeModel, OmePlane } from '../core/ome.js';
import { defined } from '../core/ome-build.js';
import { fileSizes } from '../io/places.js';
import { BlockIndex } from '../pipeline/block-index.js';
import { hashImages } from './hash.js';
import type { ImageInfo, Info } from './schemas.js';

export interface InfoOptions extends OpenRequest {
  /** Every reader's verdict. */
  readonly explain?: boolean;
  /** All vendor metadata instead of its count. */
  readonly originalMetadata?: boolean;
  /** Content hashes: reads all pixels. */
  readonly hash?: boolean;
  /** Threads for that. */
  readonly workers?: number;
}

export interface Inspection {
  readonly info: Info;
  readonly dataset: Dataset;
}

/** Open, describe, close. */
export async function inspect(path: string, options: InfoOptions = {}): Promise<Inspection> {
  const { dataset, reader, verdicts, notices, tree } = await openInput(path, options);
  try {
    const bytesRead = tree.bytesRead ?? 0;
    const sizes = await fileSizes(dataset.files);
    const files = dataset.files.map((path, i) => ({ path, bytes: sizes[i]! }));
    const hashes = options.hash ? await hashImages(dataset.images, options) : [];
    const images = dataset.images.map((image, i): ImageInfo => {
      const hash = hashes[i]?.sha256;
      return { ...describeImage(image, dataset.ome.Images[i]!, dataset.ome, i), ...(hash && { hash }) };
    });
    const [best] = verdicts;
    const info: Info = {
      path,
      format: reader.id,
      formatName: reader.name,
      confidence: best?.verdict.score ?? 0,
      why: best?.verdict.why ?? '',
      ...(options.explain && {
        verdicts: verdicts.map(({ reader: { id }, verdict }) => ({ reader: id, ...verdict })),
      }),
      bytesRead,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      files,
      missing: [...(dataset.missing ?? [])],
      images,
      plates: describePlates(dataset.ome),
      originalMetadata: options.originalMetadata
        ? dataset.original.map((entry) => ({ ...entry }))
        : dataset.original.length,
      notices: notices.map((notice) => ({ ...notice })),
    };
    return { info, dataset };
  } finally {
    await tree.close();
  }
}

function describeImage(image: ImageSource, ome: OmeImage, model: OmeModel, index: number): ImageInfo {
  const { Pixels } = ome;
  const [sizeT, sizeC, sizeZ, sizeY, sizeX] = image.levels[0].shape;
  const instrument = model.Instruments?.find(({ ID }) => ID === ome.InstrumentRef);
  const objective = instrument?.Objectives?.find(({ ID }) => ID === ome.ObjectiveSettings?.ID);
  const plane = Pixels.Planes?.find(({ PositionX, PositionY }) => PositionX || PositionY);
  return defined({
    index,
    name: ome.Name ?? image.name,
    role: image.role,
    type: image.type,
    significantBits: Pixels.SignificantBits,
    sizeX,
    sizeY,
    sizeZ,
    sizeC,
    sizeT,
    physicalSizeX: Pixels.PhysicalSizeX,
    physicalSizeY: Pixels.PhysicalSizeY,
    physicalSizeZ: Pixels.PhysicalSizeZ,
    timeIncrement: Pixels.TimeIncrement,
    acquisitionDate: ome.AcquisitionDate,
    description: ome.Description,
    channels: describeChannels(ome, sizeC),
    levels: image.levels.map(describeLevel),
    objective: objective && { ...defined({ ...objective, AnnotationRefs: undefined }), ...ome.ObjectiveSettings },
    microscope: instrument?.Microscope && { ...instrument.Microscope },
    stage: plane && defined({ x: plane.PositionX, y: plane.PositionY, z: plane.PositionZ }),
    positions: countPositions(Pixels.Planes ?? []),
    times: describeTimes(Pixels.Planes ?? []),
    planes: Pixels.Planes?.length ?? 0,
    indexed: image.palette ? true : undefined,
    labels: image.labels?.map(({ name }) => name),
    rois: ome.ROIRefs?.length,
  });
}

/** Different stage positions; undefined where no plane has one. */
function countPositions(planes: readonly OmePlane[]): number | undefined {
  const places = new Set<string>();
  for (const { PositionX, PositionY, PositionZ } of planes)
    if (PositionX || PositionY || PositionZ)
      places.add([PositionX, PositionY, PositionZ].map((at) => `${at?.value} ${at?.unit}`).join());
  return places.size || undefined;
}

/** Times of the planes since the beginning: the earliest and the latest, in the unit of the first. */
function describeTimes(planes: readonly OmePlane[]): ImageInfo['times'] {
  const unit = planes.find(({ DeltaT }) => DeltaT)?.DeltaT?.unit;
  if (unit === undefined) return undefined;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { DeltaT } of planes) {
    if (DeltaT?.unit !== unit) continue;
    first = Math.min(first, DeltaT.value);
    last = Math.max(last, DeltaT.value);
  }
  return { first: { value: first, unit }, last: { value: last, unit } };
}

function describeChannels({ Pixels }: OmeImage, sizeC: number): ImageInfo['channels'] {
  const exposures = new Map<number, OmePlane>();
  for (const plane of Pixels.Planes ?? [])
    if (plane.ExposureTime && !exposures.has(plane.TheC)) exposures.set(plane.TheC, plane);
  return channelSamples(Pixels, sizeC).map(({ channel, count }, c) =>
    defined({
      name: channel?.Name,
      samples: count,
      color:
        channel?.Color === undefined
          ? undefined
          : `#${(channel.Color >>> 8).toString(16).padStart(6, '0').toUpperCase()}`,
      fluor: channel?.Fluor,
      excitation: channel?.ExcitationWavelength,
      emission: channel?.EmissionWavelength,
      acquisitionMode: channel?.AcquisitionMode,
      contrastMethod: channel?.ContrastMethod,
      exposureTime: exposures.get(c)?.ExposureTime,
    }),
  );
}

function describeChain({ codecs }: Chain): string {
  return codecs.length === 0 ? 'none' : codecs.map(({ id }) => id).join(' ');
}

function describeLevel({ shape, blocks }: Level): ImageInfo['levels'][number] {
  const { layout, address, chains } = blocks;
  const blockCount = new BlockIndex(blocks, shape).count;
  const listed = address.kind === 'table' && !address.first;
  return defined({
    sizeX: shape[4],
    sizeY: shape[3],
    layout: layout.kind,
    block:
      layout.kind === 'grid' ? { sizeX: layout.block[4], sizeY: layout.block[3], sizeZ: layout.block[2] } : undefined,
    blocks: blockCount,
    absent:
      address.kind === 'pending'
        ? address.absent
        : listed
          ? address.length.reduce((sum, n, i) => sum + (n <= 0 || address.offset[i]! < 0 ? 1 : 0), 0)
          : undefined,
    codecs: [...new Set(chains.map(describeChain))],
  });
}

function describePlates(model: OmeModel): Info['plates'] {
  const letter = (row: number): string =>
    (row >= 26 ? letter(Math.floor(row / 26) - 1) : '') + String.fromCharCode(65 + (row % 26));
  return (model.Plates ?? []).map((plate) =>
    defined({
      name: plate.Name,
      rows: plate.Rows,
      columns: plate.Columns,
      wells: plate.Wells.map(({ Row, Column }) => `${letter(Row)}${Column + 1}`),
      fields: Math.max(0, ...plate.Wells.map(({ WellSamples }) => WellSamples.length)),
      acquisitions: plate.PlateAcquisitions?.length ?? 0,
    }),
  );
}
