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

/** Addresses as they are; of paths also what would begin a query or a fragment is escaped. */
function uriOf(path: string): string {
  if (URL.canParse(path) && /^https?:/i.test(path)) return new URL(path).href;
  return encodeURI(path.replaceAll('\\', '/')).replace(/[?#]/g, encodeURIComponent);
}

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
                physicalLocation: { artifactLocation: { uri: uriOf(path) } },
                ...(where === '' ? {} : { logicalLocations: [{ fullyQualifiedName: where }] }),
              },
            ],
          })),
        ),
      },
    ],
  };
}

/**
 * One test suite a path, one failure an error; warnings fail where `strict`. In the form of Ant's schema, which asks for most, and of Jenkins'
 * (junit-10). `at`: when it was done.
 */
export function junit(checked: readonly Checked[], strict: boolean, at = new Date()): string {
  const fails = ({ severity }: Finding): boolean => severity === 'error' || (strict && severity === 'warning');
  const suites = checked.map(({ path, findings }, id) => {
    const name = escapeAttribute(path);
    const failed = findings.filter(fails);
    const others = findings.filter((finding) => !fails(finding));
    const cases = failed.map(({ rule, where, message, severity }) => {
      const { advice, clause } = RULES.get(rule)!;
      const title = escapeAttribute(where === '' ? rule : `${rule} ${where}`);
      const text = escapeText(`${severity}: ${message}. ${advice} See: ${clause}.`);
      const failure = `<failure type="${rule}" message="${escapeAttribute(message)}">${text}</failure>`;
      return `    <testcase classname="${name}" name="${title}" time="0">${failure}</testcase>`;
    });
    if (failed.length === 0) cases.push(`    <testcase classname="${name}" name="validate" time="0"/>`);
    const rest = others
      .map(({ rule, severity, where, message }) => `${severity} ${rule} ${where}: ${message}`)
      .join('\n');
    const counts = `tests="${cases.length}" failures="${failed.length}" errors="0"`;
    const when = `timestamp="${at.toISOString().slice(0, 19)}" hostname="localhost" time="0"`;
    return [
      `  <testsuite name="${name}" ${counts} id="${id}" package="imgconv" ${when}>`,
      '    <properties/>',
      ...cases,
      `    <system-out>${escapeText(rest)}</system-out>`,
      '    <system-err/>',
      '  </testsuite>',
    ].join('\n');
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join('\n');
}
