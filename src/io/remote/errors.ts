// What goes wrong between here and a server, as one line each.

import type { IncomingMessage } from 'node:http';
import { ImgconvError } from '../../core/errors.js';

export class TransferError extends ImgconvError {
  constructor(
    name: string,
    code: string,
    text: string,
    /** Worth another try. */
    readonly again = false,
    /** Not before this time has passed. */
    readonly afterMs = 0,
    cause?: unknown,
  ) {
    super('io', code, `cannot read ${name}: ${text}`, { file: name }, cause);
  }
}

const NETWORK: Readonly<Record<string, readonly [code: string, text: string, again: boolean]>> = {
  ENOTFOUND: ['HOST_UNKNOWN', 'there is no such host', false],
  EAI_AGAIN: ['HOST_UNKNOWN', 'the name of the host cannot be looked up', true],
  ECONNREFUSED: ['REFUSED', 'the server refuses the connection', true],
  ECONNRESET: ['HTTP_TRUNCATED', 'the server broke off the connection', true],
  EPIPE: ['HTTP_TRUNCATED', 'the server broke off the connection', true],
  ETIMEDOUT: ['TIMEOUT', 'the server does not answer in time', true],
  EHOSTUNREACH: ['UNREACHABLE', 'the host cannot be reached', true],
  ENETUNREACH: ['UNREACHABLE', 'the network cannot be reached', true],
};

/** An error of Node's sockets and parsers; ours are handed through. */
export function transferError(error: unknown, name: string): ImgconvError {
  if (error instanceof ImgconvError) return error;
  const { code = '', message = String(error) } = (error ?? {}) as NodeJS.ErrnoException;
  const known = NETWORK[code];
  if (known) return new TransferError(name, known[0], known[1], known[2], 0, error);
  if (/CERT|TLS|SSL|SELF_SIGNED|ISSUER|EPROTO/.test(code))
    return new TransferError(name, 'TLS', `no secure connection: ${message}`, false, 0, error);
  if (code.startsWith('HPE_'))
    return new TransferError(name, 'HTTP_PROTOCOL', `the server does not speak HTTP: ${message}`, false, 0, error);
  if (code === 'ERR_INVALID_URL' || code === 'ERR_UNESCAPED_CHARACTERS')
    return new ImgconvError('usage', 'URL', `${name} is no address`, {}, error);
  // A message that is destroyed half-way comes without a code.
  if (/aborted|premature|socket hang up/i.test(message))
    return new TransferError(name, 'HTTP_TRUNCATED', 'the server broke off the connection', true, 0, error);
  return new ImgconvError('internal', 'IO_DEFECT', `cannot read ${name}: ${message}`, { file: name }, error);
}

const STATUS: Readonly<Record<number, string>> = {
  401: 'the server asks for a login',
  403: 'permission denied',
  404: 'not found',
  405: 'the server does not allow reading',
  416: 'the server has no such range',
  429: 'the server asks for fewer requests',
};

/** An answer that is no answer. 408, 429 and errors of the server are worth another try. */
export function statusError(name: string, status: number, { headers, statusMessage }: IncomingMessage): TransferError {
  const again = status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
  const seconds = Number(headers['retry-after'] ?? 0);
  const text = STATUS[status] ?? (statusMessage || 'the server answered');
  const code = status === 401 || status === 403 ? 'EACCES' : `HTTP_${status}`;
  return new TransferError(name, code, `${text} (HTTP ${status})`, again, seconds > 0 ? seconds * 1000 : 0);
}

export function wholeTooLarge(name: string, length: number, most: number, wantedRange: boolean): ImgconvError {
  if (wantedRange) {
    const text = `the server sends whole files only, and this one has ${length} bytes; download it first`;
    return new TransferError(name, 'NO_RANGES', text);
  }
  return new ImgconvError('limit', 'REMOTE_SIZE', `${name} has ${length} bytes, more than the limit of ${most}`, {
    file: name,
  });
}
