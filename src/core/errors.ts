// Every expected failure is an ImgconvError: one line that says what, where, found and expected, then what to do.
// The blame decides the exit code.

export type Blame = 'usage' | 'unsupported' | 'format' | 'io' | 'limit' | 'internal';

export interface Where {
  readonly file?: string;
  /** Bytes from the start of `file`. */
  readonly offset?: number;
  readonly part?: string;
}

export class ImgconvError extends Error {
  constructor(
    readonly blame: Blame,
    /** Stable, tested, greppable: `TIFF_IFD_LOOP`. */
    readonly code: string,
    message: string,
    readonly where: Where = {},
    cause?: unknown,
  ) {
    // What is quoted from a broken file may hold line ends.
    super(message.replace(/[\r\n\u2028\u2029]+/g, ' '), { cause });
    this.name = 'ImgconvError';
  }
}

/** 0 done · 1 done with damage, or a batch in which a file failed · 2 usage · 3 unsupported · 4 format · 5 io · 6 limit · 70 internal · 130 interrupted. */
export const EXIT: Readonly<Record<'ok' | 'damage' | 'interrupted' | Blame, number>> = {
  ok: 0,
  damage: 1,
  usage: 2,
  unsupported: 3,
  format: 4,
  io: 5,
  limit: 6,
  internal: 70,
  interrupted: 130,
};

/** The file breaks its specification. */
export function formatError(code: string, message: string, where?: Where, cause?: unknown): ImgconvError {
  return new ImgconvError('format', code, message, where, cause);
}

/** Legal, but not handled: name the feature. */
export function unsupported(code: string, message: string, where?: Where): ImgconvError {
  return new ImgconvError('unsupported', code, message, where);
}
