// The text of `--dry-run`.

import type { WritePlan } from '../core/writer.js';
import { formatBytes, plural } from './text.js';

const SHOWN_IMAGES = 20;

export interface PlanText {
  readonly input: string;
  readonly output?: string;
  readonly reader: string;
  readonly files: readonly string[];
  readonly missing: readonly string[];
  readonly plan: WritePlan;
}

const times = (shape: readonly number[]): string => shape.join('×');

function describeLevel(level: WritePlan['images'][number]['levels'][number], index: number, cells: string): string {
  const shard = level.shard ? `, shards ${times(level.shard)}` : '';
  return `    level ${index}: ${times(level.shape)}, ${cells} ${times(level.chunk)}${shard}, ${formatBytes(level.bytes)} raw`;
}

export function describePlan({ input, output, reader, files, missing, plan }: PlanText): string {
  const lines = [
    `${input}${output === undefined ? '' : ` -> ${output}`}`,
    `  reader ${reader}, ${plural(files.length, 'input file')}`,
  ];
  if (missing.length > 0) lines.push(`  missing: ${missing.join(', ')}`);
  for (const image of plan.images.slice(0, SHOWN_IMAGES)) {
    const place = image.path === '' && !plan.names ? '(root)' : image.path;
    lines.push(`  image${place && ` ${place}`}: ${image.name}, ${image.type}`);
    lines.push(...image.levels.map((level, index) => describeLevel(level, index, plan.names ? 'tiles' : 'chunks')));
  }
  if (plan.images.length > SHOWN_IMAGES) lines.push(`  and ${plural(plan.images.length - SHOWN_IMAGES, 'more image')}`);
  lines.push(
    `  in all: ${formatBytes(plan.bytes)} raw in ${plural(plan.chunks, plan.names ? 'tile' : 'chunk')}${plan.shards > 0 ? `, ${plural(plan.shards, 'shard')}` : ''}, at most ${plural(plan.files, 'file')}; memory about ${formatBytes(plan.memory)}`,
  );
  for (const loss of plan.losses) lines.push(`  ${loss.rank}: ${loss.text}`);
  return `${lines.join('\n')}\n`;
}
