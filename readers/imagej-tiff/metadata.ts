// ImageJ's description and private tags in the OME model.

import { pixelsPerUnit } from '../../src/containers/tiff/metadata.js';
import type { TiffPage } from '../../src/containers/tiff/page.js';
import type { ChannelDisplay, OriginalMetadata } from '../../src/core/contracts.js';
import { type OmeChannel, type OmePixels, type OmeRoi, omeColor } from '../../src/core/ome.js';
import { type Description, type Dimensions, frameInterval, numberOf, unescapeJava, unitLength } from './description.js';
import { type ImageJExtra, lutColor } from './extra.js';
import { parseRoi } from './roi.js';

/**
 * Calibration. With ResolutionUnit inch or centimetre the tags speak for themselves; otherwise the resolution is in pixels per `unit`, and
 * so is `spacing`, always.
 */
export async function pixelsOf(
  page: TiffPage,
  description: Description,
  size: Dimensions,
): Promise<{ pixels: Partial<OmePixels>; unit: 'known' | 'none' | 'pixel' }> {
  const resolution = await pixelsPerUnit(page.ifd);
  const tagged = resolution.unit === 3 ? 10000 : resolution.unit === 2 ? 25400 : undefined;
  const named = unitLength(description.get('unit'));
  const hasUnit = (description.get('unit') ?? '').trim() !== '';
  const lateral = hasUnit ? named : (tagged ?? 1);
  const quantity = (value: number | undefined) =>
    value !== undefined && Number.isFinite(value) && value > 0 ? { value, unit: 'µm' } : undefined;
  const x = resolution.x !== undefined && lateral !== undefined ? quantity(lateral / resolution.x) : undefined;
  const y = resolution.y !== undefined && lateral !== undefined ? quantity(lateral / resolution.y) : undefined;
  const yUnit = unitLength(description.get('yunit'));
  const spacing = numberOf(description, 'spacing');
  const axial = description.has('zunit') ? unitLength(description.get('zunit')) : lateral;
  const z =
    spacing !== undefined && axial !== undefined && size.z > 1 ? quantity(Math.abs(spacing) * axial) : undefined;
  const interval = frameInterval(description);
  return {
    pixels: {
      ...(x ? { PhysicalSizeX: x } : {}),
      ...(y
        ? {
            PhysicalSizeY:
              description.has('yunit') && yUnit !== undefined && resolution.y
                ? { value: yUnit / resolution.y, unit: 'µm' }
                : y,
          }
        : {}),
      ...(z ? { PhysicalSizeZ: z } : {}),
      ...(interval ? { TimeIncrement: interval } : {}),
    },
    unit: !hasUnit && tagged === undefined && (x || y) ? 'none' : lateral === undefined ? 'pixel' : 'known',
  };
}

/** Names from slice labels where planes are channels and nothing else; colours from lookup tables. */
export function channelsOf(
  page: readonly Partial<OmeChannel>[],
  extra: ImageJExtra,
  size: Dimensions,
): Partial<OmeChannel>[] {
  const named = size.c > 1 && size.z * size.t === 1 && extra.labels.length === size.c;
  const colored = extra.luts.length === size.c && page.length === 1;
  return Array.from({ length: size.c }, (_, c) => {
    const color = colored ? lutColor(extra.luts[c]!) : undefined;
    const label = named ? extra.labels[c]!.split('\n')[0]!.trim() : '';
    return page.map((channel) => ({
      ...channel,
      ...(label !== '' ? { Name: label } : {}),
      ...(color ? { Color: omeColor(...color) } : {}),
    }));
  }).flat();
}

/** Contrast limits: `ranges` a channel, else the description's min and max. */
export function displayOf(
  description: Description,
  extra: ImageJExtra,
  channels: number,
): ChannelDisplay[] | undefined {
  const single: [number | undefined, number | undefined] = [numberOf(description, 'min'), numberOf(description, 'max')];
  const list = extra.ranges.length === channels ? extra.ranges : channels === 1 ? [single] : [];
  if (!list.some(([min, max]) => min !== undefined && max !== undefined && max > min)) return undefined;
  return list.map(([min, max]) =>
    min !== undefined && max !== undefined && Number.isFinite(min) && Number.isFinite(max) && max > min
      ? { window: { min, max, start: min, end: max } }
      : {},
  );
}

export function roisOf(extra: ImageJExtra, size: Dimensions): OmeRoi[] {
  const rois: OmeRoi[] = [];
  for (const bytes of [...extra.rois, ...extra.overlays]) {
    const roi = parseRoi(bytes, rois.length, size);
    if (roi) rois.push(roi);
  }
  return rois;
}

export function originalOf(description: Description, extra: ImageJExtra): OriginalMetadata[] {
  const list: OriginalMetadata[] = [...description].map(([key, value]) => ({
    key: `ImageJ ${key}`,
    value: unescapeJava(value),
  }));
  if (extra.info) list.push({ key: 'ImageJ info', value: extra.info });
  extra.labels.forEach((value, i) => {
    list.push({ key: `ImageJ label ${i + 1}`, value });
  });
  extra.ranges.forEach(([min, max], i) => {
    list.push({ key: `ImageJ range ${i + 1}`, value: `${min} ${max}` });
  });
  for (let i = 0; i + 1 < extra.properties.length; i += 2) {
    list.push({ key: `ImageJ property ${extra.properties[i]}`, value: extra.properties[i + 1]! });
  }
  const binary = (name: string, values: readonly Uint8Array[]): void => {
    values.forEach((bytes, i) => {
      if (bytes.length <= 2 ** 20) list.push({ key: `ImageJ ${name} ${i + 1} (base64)`, value: base64(bytes) });
    });
  };
  binary('LUT', extra.luts);
  binary('ROI', extra.rois);
  binary('overlay', extra.overlays);
  return list;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
