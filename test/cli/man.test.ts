import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.js';
import { manPage } from '../../src/cli/man.js';
import { imgconv } from './run-imgconv.js';

describe('the manual page', () => {
  it('tells every command, option and example', async () => {
    const page = await manPage();
    expect(await manPage()).toBe(page);
    const plain = page
      .replaceAll('\\-', '-')
      .replace(/\\\[u([0-9A-F]+)\]/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
      .replaceAll('\\e', '\\');
    expect(page).toMatch(/^[\x20-\x7e\n]*$/);
    for (const entry of commands) {
      const command = await entry.load();
      expect(plain).toContain(`.SS \\fBimgconv ${entry.name}\\fR`);
      for (const flag of command.flags) expect(plain).toContain(`\\fB${flag.name}\\fR`);
      for (const [line] of command.examples) expect(plain).toContain(`\\fB${line}\\fR`);
    }
  });

  it('is roff', async () => {
    const lines = (await manPage()).split('\n');
    expect(lines[0]).toMatch(/^\.TH IMGCONV 1 /);
    for (const line of lines) {
      if (/^[.']/.test(line)) expect(line).toMatch(/^\.(TH|SH|SS|PP|TP|br)\b/);
      // Escapes that roff knows, and no bare backslash.
      expect(line.replace(/\\(f[BIR]|-|e|&|\[u[0-9A-F]{4,5}\])/g, '')).not.toContain('\\');
    }
    for (const [i, line] of lines.entries()) if (line === '.TP') expect(lines[i + 2]).not.toMatch(/^\./);
  });

  it('is what the program prints and the package holds', async () => {
    const { code, out } = await imgconv(['help', '--man']);
    expect(code).toBe(0);
    expect(readFileSync(new URL('../../dist/imgconv.1', import.meta.url), 'utf8')).toBe(out);
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(manifest.man).toBe('dist/imgconv.1');
  });
});
