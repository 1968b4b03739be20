// Records of the index to fields: planes, time points and channels get their places.

import { children, type XmlElement } from '../../src/containers/xml/element.js';
import { formatError } from '../../src/core/errors.js';
import type { Leaves, PhenixIndex } from './index-file.js';

/** A plane with the facts of its channel filled in. */
export interface PhenixPlane {
  readonly t: number;
  readonly c: number;
  readonly z: number;
  readonly facts: Facts;
}

export interface Facts {
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  readonly own: Leaves;
}

export interface Field {
  /** 0-based. */
  readonly row: number;
  readonly column: number;
  /** As in the file. */
  readonly field: number;
  readonly planes: readonly PhenixPlane[];
  readonly counts: readonly [t: number, c: number, z: number];
}

export interface Measurement {
  /** By well, then field. */
  readonly fields: readonly Field[];
  /** Any plane of each channel. */
  readonly channels: readonly Facts[];
}

/** Facts that Harmony 6 and later keep once a channel: leaf elements of Maps/Map/Entry. */
function channelFacts(root: XmlElement): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const maps of children(root, 'Maps')) {
    for (const map of children(maps, 'Map')) {
      for (const entry of children(map, 'Entry')) {
        const id = entry.attribute('ChannelID');
        if (id === undefined) continue;
        const facts = found.get(id) ?? new Map<string, string>();
        for (const leaf of entry.children) {
          if (leaf.children.length === 0 && !facts.has(leaf.name)) facts.set(leaf.name, leaf.text.trim());
        }
        found.set(id, facts);
      }
    }
  }
  return found;
}

class PlaneFacts implements Facts {
  constructor(
    readonly own: Leaves,
    private readonly channel: Leaves | undefined,
  ) {}

  text(name: string): string | undefined {
    return this.own.get(name) || this.channel?.get(name) || undefined;
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    const value = text === undefined ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
}

/** Distinct keys in numeric order, part by part. */
function ranks(keys: Iterable<string>): Map<string, number> {
  const parts = (key: string): number[] => key.split(' ').map(Number);
  const sorted = [...new Set(keys)].sort((a, b) => {
    const [p, q] = [parts(a), parts(b)];
    for (let i = 0; i < p.length; i++) if (p[i] !== q[i]) return p[i]! - q[i]!;
    return 0;
  });
  return new Map(sorted.map((key, i) => [key, i]));
}

/** Fast series repeat within a time point. */
function timeKey(facts: Facts): string {
  return `${facts.number('TimepointID') ?? 0} ${facts.number('SequenceID') ?? 0}`;
}

function channelKey(facts: Facts): string {
  return `${facts.number('ChannelID') ?? 1} ${facts.number('FlimID') ?? 1}`;
}

/** Errors: format PHENIX_INDEX. */
export function measurement(index: PhenixIndex, file: string): Measurement {
  const byChannel = channelFacts(index.root);
  const fields = new Map<string, { row: number; column: number; field: number; list: Facts[] }>();
  const channelKeys = new Map<string, Facts>();
  for (const [i, own] of index.images.entries()) {
    const facts = new PlaneFacts(own, byChannel.get(own.get('ChannelID') ?? ''));
    const [row, column, field] = [facts.number('Row'), facts.number('Col'), facts.number('FieldID') ?? 1];
    const valid = (n: number | undefined): n is number => n !== undefined && Number.isInteger(n) && n >= 1 && n <= 4096;
    if (!valid(row) || !valid(column)) {
      throw formatError('PHENIX_INDEX', `${file}: image ${i + 1} has no valid row and column`, { file });
    }
    const key = `${row} ${column} ${field}`;
    let entry = fields.get(key);
    if (!entry) {
      entry = { row: row - 1, column: column - 1, field, list: [] };
      fields.set(key, entry);
    }
    entry.list.push(facts);
    const channel = channelKey(facts);
    if (!channelKeys.has(channel)) channelKeys.set(channel, facts);
  }
  if (fields.size === 0) throw formatError('PHENIX_INDEX', `${file}: lists no image`, { file });
  const channels = ranks(channelKeys.keys());
  const order = ranks(fields.keys());
  const sorted = [...fields].sort(([a], [b]) => order.get(a)! - order.get(b)!).map(([, entry]) => entry);
  return {
    channels: [...channels.keys()].map((key) => channelKeys.get(key)!),
    fields: sorted.map(({ row, column, field, list }) => {
      const times = ranks(list.map(timeKey));
      const planes = ranks(list.map((facts) => String(facts.number('PlaneID') ?? 1)));
      return {
        row,
        column,
        field,
        counts: [times.size, channels.size, planes.size],
        planes: list.map((facts) => ({
          t: times.get(timeKey(facts))!,
          c: channels.get(channelKey(facts))!,
          z: planes.get(String(facts.number('PlaneID') ?? 1))!,
          facts,
        })),
      };
    }),
  };
}
