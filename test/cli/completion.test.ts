import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { imgconv } from './run-imgconv.js';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

describe('imgconv completion', () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`names every command and option, in words that ${shell} takes`, async () => {
      const { code, out } = await imgconv(['completion', shell]);
      expect(code).toBe(0);
      for (const word of ['to-ngff', 'to-ometiff', 'verify', 'ngff-version', 'tile-width']) expect(out).toContain(word);
      // Syntax alone: the shell reads it and runs nothing.
      if (has(shell)) expect(spawnSync(shell, ['-n'], { input: out }).stderr.toString()).toBe('');
    });
  }

  it('completes commands and options in bash', async () => {
    const { out } = await imgconv(['completion', 'bash']);
    const ask = (words: string[], at: number): string[] => {
      const script = `${out}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})\nCOMP_CWORD=${at}\n_imgconv\necho "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', script]).stdout.toString().trim().split(' ');
    };
    expect(ask(['imgconv', 'to-'], 1)).toEqual(['to-ngff', 'to-ometiff']);
    expect(ask(['imgconv', 'to-ngff', '--tile'], 2)).toEqual(expect.arrayContaining(['--tile-width', '--tile-height']));
  });

  it('refuses other shells', async () => {
    expect((await imgconv(['completion', 'tcsh'])).code).toBe(2);
  });
});
