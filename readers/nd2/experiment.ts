// The tree of experiment loops decides what the frames are: time points, positions, planes. NOTES.md, "Experiment".

import type { Variant } from './variant.js';

export interface Point {
  readonly name?: string;
  /** µm. */
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
}

export interface Loop {
  readonly axis: 't' | 'p' | 'z';
  readonly count: number;
  /** Milliseconds between time points; of a loop with one phase. */
  readonly periodMs?: number;
  /** µm between planes. */
  readonly stepUm?: number;
  readonly points?: readonly Point[];
}

const TYPE = {
  time: 1,
  positions: 2,
  positionsDiscrete: 3,
  z: 4,
  polar: 5,
  spectral: 6,
  custom: 7,
  phases: 8,
  manualTime: 9,
  zAccurate: 10,
} as const;

const MAX_LEVELS = 32;

/** Slowest first. Lambda loops are left out: their planes are the components of a frame. */
export function readLoops(root: Variant | undefined): Loop[] {
  const loops: { loop: Loop; level: number }[] = [];
  const visit = (node: Variant, level: number): void => {
    if (level > MAX_LEVELS || loops.length > MAX_LEVELS) return;
    const loop = readLoop(node);
    // Branches of one level repeat the same loop: the longest counts.
    const twin = loop && loops.findIndex((each) => each.level === level && each.loop.axis === loop.axis);
    if (loop && twin !== undefined && twin >= 0) {
      if (loops[twin]!.loop.count < loop.count) loops[twin] = { loop, level };
    } else if (loop) loops.push({ loop, level });
    const sub = paramsOf(node)?.find('SubLoops')?.children[0]?.find('NextLevelEx')?.children[0];
    const nested = sub?.find('SLxExperiment') ?? sub;
    if (nested) visit(nested, level + 1);
    for (const next of nextLevels(node)) visit(next, level + 1);
  };
  if (root) visit(root, 0);
  return loops.map(({ loop }) => loop);
}

/** A list of experiments, or the one experiment itself. */
function nextLevels(node: Variant): readonly Variant[] {
  const next = node.find('NextLevelEx');
  if (!next) return [];
  return next.find('Type') || next.find('LoopPars') ? [next] : next.children;
}

function paramsOf(node: Variant): Variant | undefined {
  const params = node.find('LoopPars');
  const [only] = params?.children ?? [];
  return params?.children.length === 1 && only && only.children.length > 0 && only.value === undefined ? only : params;
}

function readLoop(node: Variant): Loop | undefined {
  const params = paramsOf(node);
  const count = Math.floor(params?.positive('Count') ?? 0);
  if (!params) return undefined;
  switch (node.number('Type')) {
    case TYPE.positions:
    case TYPE.positionsDiscrete:
      return positionLoop(node, params, count);
    case TYPE.z:
    case TYPE.zAccurate:
      return count > 0 ? { axis: 'z', count, stepUm: stepOf(params, count) } : undefined;
    case TYPE.phases:
      return phaseLoop(params, count);
    case TYPE.time:
    case TYPE.manualTime:
    case TYPE.custom:
    case TYPE.polar:
      return count > 0 ? { axis: 't', count, periodMs: params.positive('Period') } : undefined;
    default:
      return undefined;
  }
}

function stepOf(params: Variant, count: number): number | undefined {
  const step = params.number('ZStep');
  if (step) return Math.abs(step);
  const [low, high] = [params.number('ZLow'), params.number('ZHigh')];
  if (low === undefined || high === undefined || count < 2 || low === high) return undefined;
  return Math.abs(high - low) / (count - 1);
}

/** Flags stored as a byte string or as a list. */
function flagsOf(list: Variant | undefined): boolean[] {
  if (!list) return [];
  if (list.value instanceof Uint8Array) return [...list.value].map((byte) => byte !== 0);
  return list.children.map(
    (each) => each.value !== false && each.value !== 0 && each.value !== '0' && each.value !== 'false',
  );
}

/** Phases one after the other: a sequence of time loops, of which only the valid ones were run. */
function phaseLoop(params: Variant, total: number): Loop | undefined {
  const valid = flagsOf(params.find('PeriodValid'));
  const phases = params.list('Period').filter((each, i) => each.children.length > 0 && valid[i] !== false);
  const counts = phases.map((each) => Math.floor(each.positive('Count') ?? 0));
  const sum = counts.reduce((a, b) => a + b, 0);
  const count = sum || total;
  if (count === 0) return undefined;
  const used = phases.filter((_, i) => counts[i]! > 0);
  return { axis: 't', count, periodMs: used.length === 1 ? used[0]!.positive('Period') : undefined };
}

function positionLoop(node: Variant, params: Variant, count: number): Loop | undefined {
  const useZ = params.flag('UseZ') ?? false;
  const relative = params.flag('RelativeXY') ?? false;
  const [refX, refY] = relative ? [params.number('ReferenceX') ?? 0, params.number('ReferenceY') ?? 0] : [0, 0];
  const add = (value: number | undefined, reference: number): number | undefined =>
    value === undefined ? undefined : value + reference;
  const point = (x?: number, y?: number, z?: number, name?: string): Point => ({
    name,
    x: add(x, refX),
    y: add(y, refY),
    z: useZ ? z : undefined,
  });
  const listed = params.list('Points').filter((each) => each.children.length > 0);
  const columns = ['PosX', 'PosY', 'PosZ'].map((key) => params.list(key).map((each) => Number(each.value)));
  const all =
    listed.length > 0
      ? listed.map((p) => point(p.number('PosX'), p.number('PosY'), p.number('PosZ'), p.text('PosName')))
      : columns[0]!.map((x, i) => point(x, columns[1]![i], columns[2]![i]));
  const valid = flagsOf(node.find('ItemValid'));
  const points = all.filter((_, i) => valid[i] !== false);
  const length = points.length || count;
  return length > 0 ? { axis: 'p', count: length, points } : undefined;
}

/** 'Dimensions: XY(4) x T(3) x λ(2) x Z(10)' of the description, for files without a readable experiment. */
export function loopsFromText(description: string | undefined): Loop[] {
  const line = /Dimensions:\s?([^\r\n]+)/.exec(description ?? '')?.[1] ?? '';
  const loops: Loop[] = [];
  for (const [, name, size] of line.matchAll(/([^\s(']+)'?\((\d+)\)/g)) {
    const axis = name === 'XY' || name === 'S' ? 'p' : name === 'T' ? 't' : name === 'Z' ? 'z' : undefined;
    if (axis && Number(size) > 0) loops.push({ axis, count: Number(size) });
  }
  return loops;
}

export interface Arrangement {
  readonly loops: readonly Loop[];
  readonly sizeT: number;
  readonly sizeZ: number;
  readonly positions: number;
  /** Frame number at a position, time and plane. */
  frame(p: number, t: number, z: number): number;
}

/** Several loops of one kind follow each other within their axis, the inner one fastest. */
export function arrange(loops: readonly Loop[]): Arrangement {
  const size = (axis: Loop['axis']): number => loops.reduce((n, loop) => (loop.axis === axis ? n * loop.count : n), 1);
  return {
    loops,
    sizeT: size('t'),
    sizeZ: size('z'),
    positions: size('p'),
    frame(p, t, z) {
      const rest = { p, t, z };
      let frame = 0;
      let step = 1;
      for (let i = loops.length - 1; i >= 0; i--) {
        const { axis, count } = loops[i]!;
        frame += (rest[axis] % count) * step;
        rest[axis] = Math.floor(rest[axis] / count);
        step *= count;
      }
      return frame;
    },
  };
}

export interface Fitted {
  readonly arrangement: Arrangement;
  readonly note?: { readonly rank: 'info' | 'damage'; readonly text: string };
}

/**
 * Make loops and stored frames agree. `frames`: highest frame number plus one. Too few frames: the outermost time loop was stopped early.
 * Too many, or no loops: time points, since nothing says that they are planes.
 */
export function fitLoops(loops: readonly Loop[], fallback: readonly Loop[], frames: number): Fitted {
  const product = (list: readonly Loop[]): number => list.reduce((n, loop) => n * loop.count, 1);
  const planned = product(loops);
  if (planned === frames || frames === 0) return { arrangement: arrange(loops) };
  if (product(fallback) === frames && fallback.length > 0) {
    const text = `the experiment has ${planned} frames, but ${frames} are stored: arranged as the description says`;
    return { arrangement: arrange(fallback), note: { rank: 'info', text } };
  }
  const [outer, ...inner] = loops;
  if (planned > frames) {
    const per = product(inner);
    if (outer?.axis !== 't' || frames === 0) return { arrangement: arrange(loops) };
    const count = Math.ceil(frames / per);
    const text = `the experiment has ${outer.count} time points, but stored frames end in the ${count}${count === 1 ? 'st' : 'th'}`;
    return { arrangement: arrange([{ ...outer, count }, ...inner]), note: { rank: 'info', text } };
  }
  if (frames % planned === 0) {
    const text = `the experiment has ${planned} frames, but ${frames} are stored: taken as ${frames / planned} times that`;
    return { arrangement: arrange([{ axis: 't', count: frames / planned }, ...loops]), note: { rank: 'info', text } };
  }
  const text = `the experiment has ${planned} frames, but ${frames} are stored, which is no multiple of it: taken as time points`;
  return { arrangement: arrange([{ axis: 't', count: frames }]), note: { rank: 'damage', text } };
}
