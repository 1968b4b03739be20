// What `imgconv info` shows a person.

import type { ImageInfo, Info } from '../app/schemas.js';
import { formatBytes, plural } from './text.js';

type Quantity = NonNullable<ImageInfo['physicalSizeX']>;

const CONFIDENCE: Readonly<Record<number, string>> = { 100: 'certain', 75: 'sure', 50: 'likely', 25: 'by name only' };

function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function quantity({ value, unit }: Quantity): string {
  return `${number(value)} ${unit}`;
}

/** `0.2 × 0.2 × 0.5 µm`, units told once where they agree; `? × 1 µm` where only a later one is known. */
function sizes(parts: readonly (Quantity | undefined)[]): string | undefined {
  const known = parts.filter((part) => part !== undefined);
  const [first] = known;
  if (!first) return undefined;
  const shown = parts.slice(0, parts.lastIndexOf(known.at(-1)) + 1);
  if (known.every(({ unit }) => unit === first.unit))
    return `${shown.map((part) => (part ? number(part.value) : '?')).join(' × ')} ${first.unit}`;
  return shown.map((part) => (part ? quantity(part) : '?')).join(' × ');
}

function dimensions({ sizeX, sizeY, sizeZ, sizeC, sizeT }: ImageInfo): string {
  const more = [
    [sizeZ, 'z'],
    [sizeC, 'c'],
    [sizeT, 't'],
  ] as const;
  return [`${sizeX} × ${sizeY}`, ...more.filter(([n]) => n > 1).map(([n, axis]) => `${n} ${axis}`)].join(' × ');
}

function levelText(level: ImageInfo['levels'][number]): string {
  const { sizeX, sizeY, block, blocks, absent, codecs } = level;
  const grid = block ? `${block.sizeX} × ${block.sizeY}${block.sizeZ > 1 ? ` × ${block.sizeZ}` : ''}` : 'placed';
  const lost = absent ? `, ${absent} absent` : '';
  return `${sizeX} × ${sizeY}  ${plural(blocks, 'block')} ${grid}, ${codecs.join(' | ')}${lost}`;
}

function channelText(channel: ImageInfo['channels'][number], index: number): string {
  const light = [channel.excitation, channel.emission].map((q) => (q ? quantity(q) : '…'));
  const parts = [
    channel.name ?? `channel ${index}`,
    channel.samples > 1 ? `${channel.samples} samples` : undefined,
    channel.color,
    channel.excitation || channel.emission ? light.join(' → ') : undefined,
    channel.fluor && channel.fluor !== channel.name ? channel.fluor : undefined,
    channel.acquisitionMode,
    channel.contrastMethod,
    channel.exposureTime ? `exposure ${quantity(channel.exposureTime)}` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}

function objectiveText(objective: NonNullable<ImageInfo['objective']>): string {
  const { Model, NominalMagnification, LensNA, Immersion, Manufacturer } = objective as Record<
    string,
    string | number | undefined
  >;
  const parts = [
    Manufacturer,
    Model,
    NominalMagnification && `${NominalMagnification}×`,
    LensNA && `NA ${LensNA}`,
    Immersion,
  ];
  return parts.filter(Boolean).join('  ');
}

function microscopeText(microscope: NonNullable<ImageInfo['microscope']>): string {
  const { Manufacturer, Model, Type, SerialNumber } = microscope as Record<string, string | undefined>;
  return [Manufacturer, Model, Type, SerialNumber && `serial ${SerialNumber}`].filter(Boolean).join('  ');
}

function stageText({ stage, positions = 1 }: ImageInfo): string | undefined {
  const first = stage && sizes([stage.x, stage.y, stage.z]);
  return first && positions > 1 ? `${first} (${plural(positions, 'position')})` : first;
}

function timesText({ first, last }: NonNullable<ImageInfo['times']>): string | undefined {
  if (first.value === 0 && last.value === 0) return undefined;
  return `${number(first.value)} … ${quantity(last)}`;
}

function imageText(image: ImageInfo): string[] {
  const bits = image.significantBits ? ` (${image.significantBits} bits used)` : '';
  const role = image.role === 'pixels' ? '' : `  [${image.role}]`;
  const lines = [
    `${image.index}: ${image.name || '(no name)'}${role}`,
    `   size        ${dimensions(image)}  ${image.type}${bits}`,
  ];
  const add = (label: string, text: string | undefined): void => {
    if (text) lines.push(`   ${label.padEnd(11)} ${text}`);
  };
  add('pixel size', sizes([image.physicalSizeX, image.physicalSizeY, image.physicalSizeZ]) ?? 'not known');
  add('time step', image.timeIncrement && quantity(image.timeIncrement));
  add('acquired', image.acquisitionDate);
  for (const [i, channel] of image.channels.entries()) add(i === 0 ? 'channels' : '', channelText(channel, i));
  add('microscope', image.microscope && microscopeText(image.microscope));
  add('objective', image.objective && objectiveText(image.objective));
  add('stage', stageText(image));
  add('times', image.times && timesText(image.times));
  for (const [i, level] of image.levels.entries()) add(i === 0 ? 'levels' : '', levelText(level));
  add('labels', image.labels?.join(', '));
  add('regions', image.rois ? String(image.rois) : undefined);
  add('hash', image.hash);
  return lines;
}

/** Files shown before the rest is counted. */
const SHOWN_FILES = 10;

export function infoText(info: Info, allFiles: boolean): string {
  const lines = [`${info.path}`, `${info.formatName} (${CONFIDENCE[info.confidence] ?? info.confidence}: ${info.why})`];
  lines.push(
    `${plural(info.files.length, 'file')}, ${formatBytes(info.bytes)}; ${formatBytes(info.bytesRead)} read to find out`,
  );
  const shown = allFiles ? info.files : info.files.slice(0, info.files.length > 1 ? SHOWN_FILES : 0);
  for (const file of shown) lines.push(`   ${file.path}  ${formatBytes(file.bytes)}`);
  if (info.files.length > shown.length && shown.length > 0)
    lines.push(`   … and ${info.files.length - shown.length} more (--files)`);
  for (const file of info.missing) lines.push(`   missing: ${file}`);
  for (const { reader, score, why } of info.verdicts ?? [])
    lines.push(`   ${String(score).padStart(3)}  ${reader}: ${why}`);
  for (const plate of info.plates) {
    const size = plate.rows && plate.columns ? ` ${plate.rows} × ${plate.columns}` : '';
    const wells = plate.wells.length > 12 ? `${plate.wells.slice(0, 12).join(' ')} …` : plate.wells.join(' ');
    lines.push(
      '',
      `plate ${plate.name ?? ''}${size}: ${plural(plate.wells.length, 'well')} (${wells}), up to ${plural(plate.fields, 'field')}`,
    );
  }
  for (const image of info.images) lines.push('', ...imageText(image));
  const { originalMetadata } = info;
  if (Array.isArray(originalMetadata)) {
    lines.push('', 'original metadata');
    for (const { image, key, value } of originalMetadata)
      lines.push(`   ${image === undefined ? '' : `[${image}] `}${key} = ${value}`);
  } else if (originalMetadata > 0) {
    lines.push(
      '',
      `${plural(originalMetadata, 'entry').replace('entrys', 'entries')} of original metadata (--original-metadata)`,
    );
  }
  return `${lines.join('\n')}\n`;
}
