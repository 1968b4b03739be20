// Findings as text, SARIF 2.1.0 (code scanning) and JUnit XML (CI).

import { escapeAttribute, escapeText } from '../containers/xml/escape.js';
import type { Finding } from './report.js';
import { RULES } from './rules.js';

export interface Checked {
  readonly path: string;
  readonly findings: readonly Finding[];
}

/** Lines of one rule that the text shows. */
const SHOWN = 10;

/** One line a finding; those beyond the first ten of a rule are counted. */
export function textLines({ path, findings }: Checked, infos: boolean): readonly string[] {
  const counts = new Map<string, number>();
  const lines: string[] = [];
  for (const { rule, severity, where, message } of findings) {
    if (severity === 'info' && !infos) continue;
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    if (count > SHOWN) continue;
    const place = where === '' ? path : `${path}: ${where}`;
    lines.push(`${severity} ${rule} ${place}: ${message}. ${RULES.get(rule)!.advice}`.replace(/\s*\n\s*/g, ' '));
  }
  for (const [rule, count] of counts) if (count > SHOWN) lines.push(`${rule} ${path}: ${count - SHOWN} more`);
  return lines;
}

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;

export function sarif(checked: readonly Checked[], version: string): unknown {
  const used = [...new Set(checked.flatMap(({ findings }) => findings.map(({ rule }) => rule)))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'imgconv validate',
            version,
            rules: used.map((id) => {
              const { severity, advice, clause } = RULES.get(id)!;
              return {
                id,
                shortDescription: { text: advice },
                help: { text: `${advice} See: ${clause}.` },
                defaultConfiguration: { level: LEVELS[severity] },
              };
            }),
          },
        },
        results: checked.flatMap(({ path, findings }) =>
          findings.map(({ rule, severity, where, message }) => ({
            ruleId: rule,
            ruleIndex: used.indexOf(rule),
            level: LEVELS[severity],
            message: { text: where === '' ? message : `${where}: ${message}` },
            locations: [
              {
                physicalLocation: { artifactLocation: { uri: encodeURI(path.replaceAll('\\', '/')) } },
                ...(where === '' ? {} : { logicalLocations: [{ fullyQualifiedName: where }] }),
              },
            ],
          })),
        ),
      },
    ],
  };
}

/** One test suite a path, one failure an error; warnings fail where `strict`. */
export function junit(checked: readonly Checked[], strict: boolean): string {
  const fails = ({ severity }: Finding): boolean => severity === 'error' || (strict && severity === 'warning');
  const suites = checked.map(({ path, findings }) => {
    const failed = findings.filter(fails);
    const others = findings.filter((finding) => !fails(finding));
    const cases = failed.map(({ rule, where, message, severity }) => {
      const { advice, clause } = RULES.get(rule)!;
      const name = where === '' ? rule : `${rule} ${where}`;
      const head = `<testcase classname="${escapeAttribute(path)}" name="${escapeAttribute(name)}">`;
      const text = `${severity}: ${message}. ${advice} See: ${clause}.`;
      return `    ${head}<failure type="${rule}" message="${escapeAttribute(message)}">${escapeText(text)}</failure></testcase>`;
    });
    if (failed.length === 0) cases.push(`    <testcase classname="${escapeAttribute(path)}" name="validate"/>`);
    const rest = others
      .map(({ rule, severity, where, message }) => `${severity} ${rule} ${where}: ${message}`)
      .join('\n');
    const out = rest === '' ? [] : [`    <system-out>${escapeText(rest)}</system-out>`];
    const open = `  <testsuite name="${escapeAttribute(path)}" tests="${cases.length}" failures="${failed.length}" errors="0">`;
    return [open, ...cases, ...out, '  </testsuite>'].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="imgconv validate">',
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}
