// `imgconv completion`: scripts that make a shell complete commands and options, made from the same definitions as the help.

import { quiet } from '../flags/run.js';
import { usage } from '../values.js';
import type { Command } from './command.js';

interface Word {
  readonly name: string;
  readonly help: string;
}

interface Entry extends Word {
  readonly options: readonly Word[];
}

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** For single-quoted strings of all three shells. */
const quoted = (text: string): string => text.replaceAll("'", "'\\''");

function bash(entries: readonly Entry[]): string {
  const cases = entries.map(
    ({ name, options }) => `    ${name}) words='${options.map((option) => option.name).join(' ')}' ;;`,
  );
  return `# imgconv completion for bash: source <(imgconv completion bash)
_imgconv() {
  local words='' word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${entries.map(({ name }) => name).join(' ')} --help --version' -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$words --help" -- "$word")) ;;
  esac
}
complete -o default -F _imgconv imgconv
`;
}

function zsh(entries: readonly Entry[]): string {
  const commands = entries.map(({ name, help }) => `    '${name}:${quoted(help).replaceAll(':', '\\:')}'`);
  const cases = entries.map(({ name, options }) => {
    const words = options.map((option) => `'${option.name}[${quoted(option.help).replace(/[[\]:]/g, '\\$&')}]'`);
    return `    ${name}) _arguments ${words.join(' ')} '*:file:_files' ;;`;
  });
  return `#compdef imgconv
# imgconv completion for zsh: imgconv completion zsh > "\${fpath[1]}/_imgconv"
_imgconv() {
  local -a commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
    *) _files ;;
  esac
}
compdef _imgconv imgconv
`;
}

function fish(entries: readonly Entry[]): string {
  const lines = ['# imgconv completion for fish: imgconv completion fish > ~/.config/fish/completions/imgconv.fish'];
  for (const { name, help, options } of entries) {
    lines.push(`complete -c imgconv -n __fish_use_subcommand -f -a '${name}' -d '${quoted(help)}'`);
    for (const option of options) {
      const long = option.name.replace(/^--/, '');
      lines.push(
        `complete -c imgconv -n '__fish_seen_subcommand_from ${name}' -l '${long}' -d '${quoted(option.help)}'`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

const WRITE = { bash, zsh, fish } as const;

export const completion: Command = {
  usage: '<bash|zsh|fish>',
  description: 'Print a script that makes a shell complete commands and options.',
  flags: [quiet],
  examples: [
    ['source <(imgconv completion bash)', 'in ~/.bashrc'],
    ['imgconv completion zsh > ~/.zsh/completions/_imgconv', 'once, in a folder of $fpath'],
    ['imgconv completion fish > ~/.config/fish/completions/imgconv.fish', 'once'],
  ],
  async run({ paths, terminal }) {
    const shell = SHELLS.find((name) => name === paths[0]);
    if (shell === undefined || paths.length > 1)
      throw usage(`completion takes one of: ${SHELLS.join(', ')}; found: ${paths.join(' ') || 'nothing'}`);
    const { commands } = await import('./index.js');
    const entries = await Promise.all(
      commands.map(async ({ name, summary, load }): Promise<Entry> => {
        const { flags } = await load();
        return { name, help: summary, options: flags.map((flag) => ({ name: flag.name, help: flag.help })) };
      }),
    );
    await terminal.out(WRITE[shell](entries));
    return 0;
  },
};
