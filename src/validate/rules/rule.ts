// What a rule is.

export type Severity = 'error' | 'warning' | 'info';

export interface Rule {
  readonly severity: Severity;
  /** One sentence that tells what to do. */
  readonly advice: string;
  /** Specification and part of it. */
  readonly clause: string;
}

/** Entries of the table: severity, advice, and a clause of its own where it has one. */
export function all(
  clause: string,
  rules: Readonly<Record<string, readonly [Severity, string, string?]>>,
): [string, Rule][] {
  return Object.entries(rules).map(([id, [severity, advice, own]]) => [
    id,
    { severity, advice, clause: own ?? clause },
  ]);
}
