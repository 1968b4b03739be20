// What was found. One report a path; findings name a rule, a place and what was seen there.

import { ImgconvError } from '../core/errors.js';
import { RULES, ruleOf, type Severity } from './rules.js';

export interface Finding {
  /** Id in `RULES`. */
  readonly rule: string;
  readonly severity: Severity;
  /** Place inside the input: a key, an XML path, a directory. '' = the input itself. */
  readonly where: string;
  readonly message: string;
}

/** Findings kept a rule; the rest is counted. */
const KEPT = 200;

export class Report {
  readonly findings: Finding[] = [];
  readonly #counts = new Map<string, number>();
  readonly #seen = new Set<string>();

  /** `strict`: what should be is asked for as what must be. */
  constructor(readonly strict = false) {}

  add(rule: string, where: string, message: string, severity?: Severity): void {
    const key = `${rule}\n${where}\n${message}`;
    if (this.#seen.has(key)) return;
    const count = (this.#counts.get(rule) ?? 0) + 1;
    this.#counts.set(rule, count);
    if (count > KEPT) return;
    this.#seen.add(key);
    const known = RULES.get(rule);
    if (!known) throw new ImgconvError('internal', 'RULE', `no rule ${rule}`);
    const own = severity ?? known.severity;
    this.findings.push({ rule, severity: this.strict && own === 'warning' ? 'error' : own, where, message });
  }

  /** An error of a container as a finding. What is not about the input is thrown on. */
  fault(error: unknown, where: string, fallback: string): void {
    if (!(error instanceof ImgconvError)) throw error;
    switch (error.blame) {
      case 'format':
        this.add(ruleOf(error.code, fallback), where, error.message, 'error');
        return;
      case 'unsupported':
        this.add(ruleOf(error.code, fallback), where, error.message);
        return;
      case 'limit':
        this.add('LIMIT', where, error.message);
        return;
      default:
        throw error;
    }
  }

  /** Findings beyond those kept. */
  get dropped(): number {
    return [...this.#counts.values()].reduce((sum, n) => sum + Math.max(0, n - KEPT), 0);
  }

  count(severity: Severity): number {
    return this.findings.filter((finding) => finding.severity === severity).length;
  }
}
