// What the ledger of a job says to a person.

import type { Notice } from '../core/contracts.js';
import type { JobResult, LedgerRow } from './contract.js';

/** Ledger rows told one by one; the rest is counted. */
const TOLD_ROWS = 100;

/** A notice for each damaged or missing block. `names[i]` is the name of the job's image i. */
export function damageNotices(names: readonly string[], result: Pick<JobResult, 'ledger' | 'damaged'>): Notice[] {
  const notices = result.ledger
    .slice(0, TOLD_ROWS)
    .map((row): Notice => ({ code: row.code, rank: 'damage', text: damageText(names[row.image] ?? '', row) }));
  const rest = result.damaged - notices.length;
  if (rest > 0) notices.push({ code: 'MORE_DAMAGE', rank: 'damage', text: `${rest} more damaged or missing blocks` });
  return notices;
}

function damageText(name: string, { level, start, shape, text }: LedgerRow): string {
  const [t, c, z, y, x] = start;
  const where = `t ${t} c ${c} z ${z} y ${y} x ${x}, ${shape[4]} × ${shape[3]} pixels`;
  return `image ${name}${level > 0 ? `, level ${level}` : ''}, ${where}: ${text}; filled`;
}
