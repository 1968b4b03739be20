// An option of the command line, defined once: its names, value, default, one line for --help and a paragraph for the README.

import { type Parse, plainText, whole } from '../values.js';

export interface Flag<T> {
  /** Long name with dashes: `--tile-width`. Names that start with `--no-` are switches like any other: true when given. */
  readonly name: string;
  /** `-w`. */
  readonly short?: string;
  /** Further long names, not shown by --help. */
  readonly aliases?: readonly string[];
  /** How the value is called in help: `<pixels>`; absent for switches. */
  readonly value?: string;
  readonly initial: T;
  /** How the default is told; absent: nothing is said. */
  readonly defaultText?: string;
  /** Heading in help. */
  readonly group: FlagGroup;
  /** One line, starts in lower case, no full stop. */
  readonly help: string;
  /** More for the README. */
  readonly more?: string;
  readonly parse?: Parse<T>;
  /** May be given several times; values are joined by `merge`. */
  merge?(before: T, next: T): T;
}

export type FlagGroup = 'Output' | 'Pyramid' | 'Selection' | 'Input' | 'Run' | 'Messages';

/** An on/off option. */
export function toggle(group: FlagGroup, name: string, help: string, rest: Partial<Flag<boolean>> = {}): Flag<boolean> {
  return { name, group, help, initial: false, ...rest };
}

type Text = string | undefined;
type Count = number | undefined;

/** An option with a word or name, checked by whom it concerns. */
export function text(
  group: FlagGroup,
  name: string,
  value: string,
  help: string,
  rest: Partial<Flag<Text>> = {},
): Flag<Text> {
  return { name, value, group, help, initial: undefined, parse: plainText, ...rest };
}

/** An option with a number from 1. */
export function count(
  group: FlagGroup,
  name: string,
  value: string,
  help: string,
  rest: Partial<Flag<Count>> = {},
): Flag<Count> {
  return { name, value, group, help, initial: undefined, parse: whole(1, 2 ** 24), ...rest };
}

/** What was given on the command line, typed by the flag asked for. */
export class FlagValues {
  readonly #given = new Map<string, unknown>();

  set(flag: Flag<unknown>, text: string | undefined): void {
    const next = flag.parse && text !== undefined ? flag.parse(text, flag.name) : true;
    const merged = flag.merge && this.#given.has(flag.name) ? flag.merge(this.#given.get(flag.name), next) : next;
    this.#given.set(flag.name, merged);
  }

  get<T>(flag: Flag<T>): T {
    return this.#given.has(flag.name) ? (this.#given.get(flag.name) as T) : flag.initial;
  }

  has(flag: Flag<unknown>): boolean {
    return this.#given.has(flag.name);
  }
}
