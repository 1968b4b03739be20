// Check inputs against their specifications, and say it in the form that was asked for.

import { ImgconvError } from '../core/errors.js';
import { VERSION } from '../core/version.js';
import type { ValidateOptions } from '../validate/options.js';
import { type Checked, junit, sarif, textLines } from '../validate/output.js';
import { RULES } from '../validate/rules.js';
import { validateTree } from '../validate/validate.js';
import { openAnyTree } from './open-tree.js';
import type { ValidationReport } from './schemas.js';

export { CHECK_LEVELS, type CheckLevel, PROFILES, type Profile } from '../validate/options.js';
export type { ValidateOptions };

/** Check one input. Errors: io; unsupported URL, UNKNOWN_FORMAT; format EMPTY_FILE. */
export async function validatePath(path: string, options: ValidateOptions): Promise<ValidationReport> {
  const tree = await openAnyTree(path);
  try {
    const { kind, report } = await validateTree(tree, options);
    const findings = report.findings.map((finding) => {
      const { advice, clause } = RULES.get(finding.rule)!;
      return { ...finding, advice, clause };
    });
    const counts = { errors: report.count('error'), warnings: report.count('warning'), infos: report.count('info') };
    return {
      path,
      kind,
      level: options.level,
      ...(options.profile && { profile: options.profile }),
      valid: counts.errors === 0,
      ...counts,
      dropped: report.dropped,
      findings,
    };
  } finally {
    await tree.close();
  }
}

export type ValidationFormat = 'text' | 'json' | 'sarif' | 'junit';

/** Findings of one input as lines for people. */
export function asText(report: ValidationReport, infos: boolean): string {
  const lines = [...textLines(report, infos)];
  const { errors, warnings, infos: notes } = report;
  const parts = [
    [errors, 'error'],
    [warnings, 'warning'],
    [notes, 'note'],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}${n === 1 ? '' : 's'}`);
  const verdict = errors > 0 ? 'not valid' : 'valid';
  lines.push(
    `${report.path}: ${verdict} ${NAMES[report.kind]}${told.length > 0 ? `, ${told.join(', ')}` : ''} (${report.level})`,
  );
  return `${lines.join('\n')}\n`;
}

const NAMES: Readonly<Record<ValidationReport['kind'], string>> = {
  'ome-zarr': 'OME-Zarr',
  zarr: 'Zarr, but no OME-Zarr',
  'ome-tiff': 'OME-TIFF',
  'ome-xml': 'OME-XML',
};

/** Reports of all inputs as one document. Inputs that could not be opened come as `failed`. */
export function asDocument(
  reports: readonly ValidationReport[],
  failed: readonly { readonly path: string; readonly error: unknown }[],
  format: 'sarif' | 'junit',
  strict: boolean,
): string {
  const broken: readonly Checked[] = failed.map(({ path, error }) => ({
    path,
    findings: [
      {
        rule: 'INPUT',
        severity: 'error',
        where: '',
        message: error instanceof ImgconvError ? error.message : String(error),
      },
    ],
  }));
  const checked = [...reports, ...broken];
  return format === 'sarif' ? `${JSON.stringify(sarif(checked, VERSION), null, 2)}\n` : junit(checked, strict);
}
