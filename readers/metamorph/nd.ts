// .nd files: `"Key", value` a line, up to "EndFile". They name wavelengths, stages and numbers of planes; file names follow from that:
//   NAME_w1Cy5_s1_t1.STK (or .TIF), without the parts that the experiment did not have.

import { formatError } from '../../src/core/errors.js';

export interface NdWave {
  readonly name: string;
  readonly z: boolean;
}

export interface NdFile {
  readonly entries: readonly (readonly [key: string, value: string])[];
  readonly description?: string;
  /** '20080716 14:34:05.015'. */
  readonly startTime?: string;
  readonly timePoints: number;
  readonly timelapse: boolean;
  /** Empty: no stage positions. */
  readonly stages: readonly string[];
  /** Empty: one channel without a name. */
  readonly waves: readonly NdWave[];
  readonly waveInFileName: boolean;
  readonly zSteps: number;
  /** Micrometres. */
  readonly zStep?: number;
}

function unquote(text: string): string {
  const trimmed = text.trim();
  return /^".*"$/s.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}

export function parseNd(text: string, file: string): NdFile {
  const entries: [string, string][] = [];
  for (const line of text.split(/\r?\n|\r/)) {
    const match = /^\s*"([^"]+)"\s*(?:,(.*))?$/.exec(line);
    if (match?.[1] === 'EndFile') break;
    if (match && match[2] !== undefined) entries.push([match[1]!, unquote(match[2])]);
    else if (entries.length > 0 && line.trim() !== '') entries.at(-1)![1] += `\n${line}`;
  }
  if (entries[0]?.[0] !== 'NDInfoFile')
    throw formatError('ND_HEADER', 'an .nd file starts with "NDInfoFile"', { file });
  const values = new Map(entries);
  const yes = (key: string): boolean => /^true$/i.test(values.get(key) ?? '');
  const number = (key: string): number => {
    const value = Number.parseInt(values.get(key) ?? '', 10);
    return Number.isInteger(value) && value > 0 ? value : 0;
  };
  const limited = (key: string): number => {
    const value = number(key);
    if (value > 1_000_000) throw formatError('ND_COUNT', `${key} is ${value}`, { file });
    return value;
  };
  const timelapse = yes('DoTimelapse');
  const zSteps = limited('NZSteps');
  const doZ = values.has('DoZSeries') ? yes('DoZSeries') : zSteps > 1;
  const step = Number((values.get('ZStepSize') ?? '').replace(',', '.'));
  const stages = yes('DoStage') ? limited('NStagePositions') : 0;
  const waves = yes('DoWave') ? limited('NWavelengths') : 0;
  return {
    entries,
    ...(values.get('Description') ? { description: values.get('Description')! } : {}),
    ...(values.get('StartTime1') ? { startTime: values.get('StartTime1')! } : {}),
    timelapse,
    timePoints: timelapse ? Math.max(1, limited('NTimePoints')) : 1,
    stages: Array.from({ length: stages }, (_, i) => values.get(`Stage${i + 1}`) ?? `${i + 1}`),
    waves: Array.from({ length: waves }, (_, i) => ({
      name: values.get(`WaveName${i + 1}`) ?? '',
      z: doZ && (values.has(`WaveDoZ${i + 1}`) ? yes(`WaveDoZ${i + 1}`) : true),
    })),
    waveInFileName: values.has('WaveInFileName') ? yes('WaveInFileName') : true,
    zSteps: doZ ? Math.max(1, zSteps) : 1,
    ...(doZ && step > 0 ? { zStep: step } : {}),
  };
}

/** Name without extension of one file of the set. */
export function memberName(nd: NdFile, base: string, wave: number, stage: number, time: number): string {
  const named = nd.waveInFileName ? (nd.waves[wave]?.name ?? '').replace(/[_/\\()]/g, '-') : '';
  return [
    base,
    nd.waves.length > 0 ? `_w${wave + 1}${named}` : '',
    nd.stages.length > 0 ? `_s${stage + 1}` : '',
    nd.timelapse ? `_t${time + 1}` : '',
  ].join('');
}

/** Spelling that tells members apart: MetaMorph replaces characters that file names may not have by '-'. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[%:*?"<>|+[\]&]/g, '-');
}
