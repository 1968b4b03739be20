// HTTP for byte ranges: a few requests at a time on kept connections, time limits, retries. Every failure is one clear line.

import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, inflateSync } from 'node:zlib';
import { ImgconvError } from '../../core/errors.js';
import { statusError, TransferError, transferError, wholeTooLarge } from './errors.js';

/** Requests of one thread that are under way. */
const AT_ONCE = 16;
const REDIRECTS = 5;
/** Whole files are taken from servers that know no ranges up to this size. */
export const WHOLE_BYTES = 64 * 2 ** 20;
/** A transfer may take the time limit and a second for each of these bytes. */
const SLOWEST_BYTES = 64 * 2 ** 10;
const LONGEST_PAUSE_MS = 30_000;

/** `IMGCONV_HTTP_TIMEOUT` seconds of silence, `IMGCONV_HTTP_TRIES` tries; bad values count as absent. */
function setting(name: string, initial: number, most: number): number {
  const value = Number(process.env[name]);
  return value > 0 && value <= most ? value : initial;
}

export type ByteRange = { readonly offset: number; readonly length: number } | { readonly last: number };

export interface Fetched {
  readonly bytes: Uint8Array;
  /** Position of the first byte in the object. */
  readonly offset: number;
  /** Bytes of the whole object. */
  readonly total: number;
}

interface Answer {
  readonly status: number;
  readonly message: IncomingMessage;
  readonly url: URL;
}

const agents = {
  http: new HttpAgent({ keepAlive: true, maxSockets: AT_ONCE, scheduling: 'fifo' }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: AT_ONCE, scheduling: 'fifo' }),
};

/** What is shown of an address: without password. */
export function shown(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/i, '$1');
}

export class HttpClient {
  #running = 0;
  readonly #queue: (() => void)[] = [];
  readonly #active = new Set<ClientRequest>();
  #closed = false;
  /** Bytes received so far. */
  bytesRead = 0;
  readonly #timeoutMs = 1000 * setting('IMGCONV_HTTP_TIMEOUT', 30, 3600);
  readonly #tries = Math.floor(setting('IMGCONV_HTTP_TRIES', 4, 100));

  /** A range of an object, as much of it as exists, or the whole; undefined where it does not exist. */
  async get(url: string, range?: ByteRange, limit = 2 ** 30): Promise<Fetched | undefined> {
    return this.#withRetries(url, async () => {
      return this.#take(url, await this.#ask(url, 'GET', range), range, limit);
    });
  }

  /** Size of an object; -1 where the server does not say; undefined where it does not exist. */
  async size(url: string): Promise<number | undefined> {
    return this.#withRetries(url, async () => {
      const { status, message } = await this.#ask(url, 'HEAD');
      message.resume();
      if (isMissing(status, message)) return undefined;
      // Some servers answer GET alone.
      if (status === 405 || status === 501) {
        const one = { offset: 0, length: 1 };
        return (await this.#take(url, await this.#ask(url, 'GET', one), one, WHOLE_BYTES))?.total;
      }
      if (status !== 200) throw statusError(shown(url), status, message);
      return contentLength(message) ?? -1;
    });
  }

  async #withRetries<T>(url: string, work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      for (let tried = 1; ; tried++) {
        try {
          if (this.#closed) throw new TransferError(shown(url), 'CLOSED', 'nobody waits for it any more');
          return await work();
        } catch (error) {
          const known = transferError(error, shown(url));
          const again = known instanceof TransferError && known.again && tried < this.#tries && !this.#closed;
          if (!again) throw known;
          await sleep(Math.min(LONGEST_PAUSE_MS, Math.max((known as TransferError).afterMs, 250 * 2 ** (tried - 1))));
        }
      }
    } finally {
      this.#leave();
    }
  }

  /** End what is under way: nobody waits for it. */
  close(): void {
    this.#closed = true;
    for (const sent of this.#active) sent.destroy();
  }

  async #enter(): Promise<void> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running++;
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#running--;
  }

  /** Send a request and follow where it leads. */
  async #ask(address: string, method: 'GET' | 'HEAD', range?: ByteRange): Promise<Answer> {
    const headers: Record<string, string> = range ? { range: rangeHeader(range) } : {};
    let url = new URL(address.replaceAll('#', '%23'));
    for (let hops = 0; hops <= REDIRECTS; hops++) {
      const message = await this.#send(url, method, headers);
      const status = message.statusCode ?? 0;
      if (![301, 302, 303, 307, 308].includes(status)) return { status, message, url };
      message.resume();
      const { location } = message.headers;
      if (location === undefined || !URL.canParse(location, url.href))
        throw statusError(shown(address), status, message);
      const next = new URL(location, url);
      if (next.protocol !== url.protocol && next.protocol !== 'https:')
        throw new TransferError(shown(address), 'HTTP_REDIRECT', `the server leads to ${next.protocol}//${next.host}`);
      url = next;
    }
    throw new TransferError(shown(address), 'HTTP_REDIRECT', 'the server leads in circles');
  }

  #send(url: URL, method: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
    const isTls = url.protocol === 'https:';
    const options: RequestOptions = {
      method,
      agent: isTls ? agents.https : agents.http,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'imgconv', ...headers },
      timeout: this.#timeoutMs,
    };
    return new Promise((resolve, reject) => {
      const sent = isTls ? requestHttps(url, options, resolve) : requestHttp(url, options, resolve);
      sent.on('timeout', () => sent.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
      this.#active.add(sent);
      sent.on('close', () => this.#active.delete(sent));
      sent.on('error', reject);
      sent.end();
    });
  }

  async #take(
    url: string,
    { status, message }: Answer,
    range: ByteRange | undefined,
    limit: number,
  ): Promise<Fetched | undefined> {
    const name = shown(url);
    if (isMissing(status, message)) {
      message.resume();
      return undefined;
    }
    const length = contentLength(message);
    if (status === 416) {
      message.resume();
      const total = Number(/\*\/(\d+)$/.exec(message.headers['content-range'] ?? '')?.[1] ?? Number.NaN);
      if (Number.isNaN(total)) throw statusError(name, status, message);
      return { bytes: new Uint8Array(0), offset: total, total };
    }
    if (status === 206 && range) {
      const found = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(message.headers['content-range'] ?? '');
      const [offset, last, total] = (found?.slice(1) ?? []).map(Number);
      const wanted = 'last' in range ? { offset: Math.max(0, (total ?? 0) - range.last), length: range.last } : range;
      const expected = Math.min(wanted.length, (total ?? 0) - wanted.offset);
      if (!found || offset !== wanted.offset || last! - offset + 1 !== expected) {
        message.destroy();
        const said = message.headers['content-range'] ?? 'no Content-Range';
        throw new TransferError(name, 'HTTP_RANGE', `asked for ${rangeHeader(range)}, the server says ${said}`);
      }
      const bytes = await this.#body(name, message, expected, expected);
      return { bytes, offset, total: total! };
    }
    if (status !== 200) {
      message.resume();
      throw statusError(name, status, message);
    }
    // The whole object: asked for, or from a server that knows no ranges.
    const most = range ? Math.min(limit, WHOLE_BYTES) : limit;
    if (length !== undefined && length > most) {
      message.destroy();
      throw wholeTooLarge(name, length, most, range !== undefined);
    }
    const bytes = decoded(await this.#body(name, message, length, most), message, name, most);
    return { bytes, offset: 0, total: bytes.length };
  }

  /** All bytes of an answer: as many as were promised, and not more than `most`. */
  async #body(name: string, message: IncomingMessage, promised: number | undefined, most: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let received = 0;
    const started = performance.now();
    message.setTimeout(this.#timeoutMs, () => {
      message.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }));
    });
    try {
      for await (const piece of message as AsyncIterable<Uint8Array>) {
        received += piece.length;
        this.bytesRead += piece.length;
        if (received > most) {
          message.destroy();
          throw new TransferError(
            name,
            'HTTP_LENGTH',
            `the server sends more than the ${most} bytes that were asked for`,
          );
        }
        // A server that drips a byte now and then is never silent, and never done.
        if (performance.now() - started > this.#timeoutMs + (1000 * received) / SLOWEST_BYTES) {
          message.destroy();
          throw new TransferError(name, 'TIMEOUT', `only ${received} bytes came in ${this.#timeoutMs / 1000} s`);
        }
        pieces.push(piece);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    }
    if (!message.complete || (promised !== undefined && received < promised)) {
      const text = `the connection ended after ${received} of ${promised ?? 'unknown'} bytes`;
      throw new TransferError(name, 'HTTP_TRUNCATED', text, true);
    }
    if (pieces.length === 1) return new Uint8Array(pieces[0]!);
    const bytes = new Uint8Array(received);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}

function rangeHeader(range: ByteRange): string {
  if ('last' in range) return `bytes=-${range.last}`;
  return `bytes=${range.offset}-${range.offset + range.length - 1}`;
}

function contentLength({ headers }: IncomingMessage): number | undefined {
  const length = Number(headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined;
}

/** Object stores that may not be listed answer 403 for what does not exist. */
function isMissing(status: number, { headers }: IncomingMessage): boolean {
  if (status === 404 || status === 410) return true;
  return (
    status === 403 && (headers['x-amz-request-id'] !== undefined || headers['x-goog-stored-content-length'] === '0')
  );
}

/** Servers compress what they like, asked or not. */
function decoded(bytes: Uint8Array, { headers }: IncomingMessage, name: string, most: number): Uint8Array {
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding === 'identity' || coding === '') return bytes;
  try {
    if (coding === 'gzip' || coding === 'x-gzip') return gunzipSync(bytes, { maxOutputLength: most });
    if (coding === 'deflate') return inflateSync(bytes, { maxOutputLength: most });
  } catch (error) {
    throw new ImgconvError('io', 'HTTP_CODING', `cannot read ${name}: broken ${coding} coding`, { file: name }, error);
  }
  throw new TransferError(name, 'HTTP_CODING', `the server sends content coding ${coding}`);
}
