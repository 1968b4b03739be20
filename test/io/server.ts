// A file server of a few lines for tests, whose answers can be made as bad as wanted.

import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => boolean | undefined;

export interface TestServer {
  readonly url: string;
  /** Method and path of every request, with its range. */
  readonly asked: string[];
  /** Looks at each request first; true: answered. */
  handle: Handler | undefined;
  ranges: boolean;
  close(): Promise<void>;
}

/** Serve the files below a folder. Folders are not listed: they do not exist. */
export async function serve(folder: string): Promise<TestServer> {
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    const { range } = request.headers;
    state.asked.push(`${request.method} ${path}${range ? ` ${range}` : ''}`);
    if (state.handle?.(request, response, path)) return;
    const size = sizeOf(join(folder, path));
    if (size === undefined) {
      response.writeHead(404).end('not here');
      return;
    }
    sendFile(request, response, join(folder, path), size, state.ranges);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const state: TestServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    handle: undefined,
    ranges: true,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  return state;
}

function sizeOf(file: string): number | undefined {
  try {
    const stat = statSync(file);
    return stat.isFile() ? stat.size : undefined;
  } catch {
    return undefined;
  }
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  size: number,
  ranges: boolean,
): void {
  const found = ranges ? /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') : null;
  let [from, to] = [0, size - 1];
  if (found) {
    from = found[1] === '' ? Math.max(0, size - Number(found[2])) : Number(found[1]);
    if (found[1] !== '' && found[2] !== '') to = Math.min(to, Number(found[2]));
    if (from > to) {
      response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
      return;
    }
  }
  const range = found ? { 'content-range': `bytes ${from}-${to}/${size}` } : {};
  response.writeHead(found ? 206 : 200, { 'content-length': to - from + 1, ...range });
  if (request.method === 'HEAD' || size === 0) response.end();
  else createReadStream(file, { start: from, end: to }).pipe(response);
}
