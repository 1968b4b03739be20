// What Micro-Manager's metadata say of an acquisition and of one plane. Keys: Micro-Manager 1.4, 2.0 and NDTiff, as their files show them.

import type { OmeDetector, OmeInstrument, OmePlane } from '../../core/ome.js';
import { defined, positive, quantity } from '../../core/ome-build.js';
import { matchEnum } from '../ome-xml/enums.js';
import { type MmObject, numberOf, textOf, valueAt } from './json.js';

export interface SummaryFacts {
  /** µm. */
  readonly pixelSize: number | undefined;
  readonly zStep: number | undefined;
  /** ms. */
  readonly interval: number | undefined;
  readonly channelNames: readonly string[];
  /** Schema colours, by channel. */
  readonly channelColors: readonly (number | undefined)[];
  readonly date: string | undefined;
  readonly user: string | undefined;
  readonly comment: string | undefined;
}

/** Micro-Manager's dates: '2022/12/28 17:04:23', '2015-03-05 16:49:56 -0800', '2012-06-14 15:08:12.345 +0200'; zones kept where known. */
function mmDate(text: string | undefined): string | undefined {
  const m = /^(\d{4})[-/](\d{2})[-/](\d{2})[ T](\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:\s*([+-]\d{2}):?(\d{2}))?/.exec(
    text ?? '',
  );
  if (!m) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone, minutes] = m;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const date = new Date(`${iso}Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(iso)) return undefined;
  return `${iso}${fraction}${zone ? `${zone}:${minutes}` : ''}`;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map((each) => (typeof each === 'string' ? each : String(each ?? ''))) : [];
}

/** Java's ARGB integers to the schema's RGBA, opaque. */
export function argbColor(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? (value << 8) | 255 : undefined;
}

export function summaryFacts(summary: MmObject | undefined): SummaryFacts {
  const colors = valueAt(summary, 'ChColors');
  const above = (n: number | undefined): number | undefined => (n !== undefined && n > 0 ? n : undefined);
  return {
    pixelSize: above(numberOf(summary, 'PixelSize_um', 'PixelSizeUm')),
    zStep: above(Math.abs(numberOf(summary, 'z-step_um') ?? 0)),
    interval: above(numberOf(summary, 'Interval_ms', 'WaitInterval')),
    channelNames: strings(valueAt(summary, 'ChNames')),
    channelColors: Array.isArray(colors) ? colors.map(argbColor) : [],
    date: ['StartTime', 'DateAndTime', 'Time', 'Date'].map((key) => mmDate(textOf(summary, key))).find((each) => each),
    user: textOf(summary, 'UserName'),
    comment: textOf(summary, 'Comment', 'Comments'),
  };
}

export interface PlaneFacts {
  /** ms. */
  readonly exposure: number | undefined;
  readonly elapsed: number | undefined;
  /** µm. */
  readonly x: number | undefined;
  readonly y: number | undefined;
  readonly z: number | undefined;
  readonly pixelSize: number | undefined;
  readonly channel: string | undefined;
  readonly date: string | undefined;
}

export function planeFacts(plane: MmObject | undefined): PlaneFacts {
  return {
    exposure: numberOf(plane, 'Exposure-ms', 'Exposure'),
    elapsed: numberOf(plane, 'ElapsedTime-ms'),
    x: numberOf(plane, 'XPositionUm', 'XPosition_um', 'XPosition_um_Intended'),
    y: numberOf(plane, 'YPositionUm', 'YPosition_um', 'YPosition_um_Intended'),
    z: numberOf(plane, 'ZPositionUm', 'ZPosition_um', 'ZPosition_um_Intended'),
    pixelSize: numberOf(plane, 'PixelSizeUm', 'PixelSize_um'),
    channel: textOf(plane, 'Channel'),
    date: mmDate(textOf(plane, 'ReceivedTime', 'Time')),
  };
}

/** `position`: z, channel, t of the plane. */
export function omePlane(facts: PlaneFacts, [TheZ, TheC, TheT]: readonly [number, number, number]): OmePlane {
  return defined({
    TheZ,
    TheC,
    TheT,
    DeltaT: quantity(facts.elapsed, 'ms'),
    ExposureTime: positive(facts.exposure, 'ms'),
    PositionX: quantity(facts.x, 'µm'),
    PositionY: quantity(facts.y, 'µm'),
    PositionZ: quantity(facts.z, 'µm'),
  });
}

/** Camera and objective, where the devices tell. Labels are free text, so only models are taken from them. */
export function instrumentOf(plane: MmObject | undefined): {
  readonly instrument?: OmeInstrument;
  readonly settings?: { readonly ID: string; readonly Binning?: string; readonly Gain?: number };
  readonly objective?: string;
} {
  const camera = textOf(plane, 'Core-Camera', 'Camera');
  const objective = textOf(plane, 'Objective-Label', 'Nosepiece-Label');
  if (!camera && !objective) return {};
  const detector: OmeDetector | undefined = camera
    ? defined({ ID: 'Detector:0:0', Model: textOf(plane, `${camera}-CameraName`, `${camera}-Description`) ?? camera })
    : undefined;
  const binning = textOf(plane, 'Binning') ?? String(numberOf(plane, 'Binning') ?? '');
  return {
    instrument: defined({
      ID: 'Instrument:0',
      Detectors: detector ? [detector] : undefined,
      Objectives: objective ? [{ ID: 'Objective:0:0', Model: objective }] : undefined,
    }),
    settings: detector
      ? defined({
          ID: 'Detector:0:0',
          Binning: binning
            ? matchEnum('Binning', /^\d+$/.test(binning) ? `${binning}x${binning}` : binning)
            : undefined,
          Gain: numberOf(plane, `${camera}-Gain`),
        })
      : undefined,
    objective: objective ? 'Objective:0:0' : undefined,
  };
}
