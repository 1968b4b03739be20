import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FilePool } from '../../src/io/files.js';
import { HttpClient, WHOLE_BYTES } from '../../src/io/remote/client.js';
import { RemoteObjects } from '../../src/io/remote/objects.js';
import { openTree } from '../../src/io/tree.js';
import { serve, type TestServer } from './server.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-remote-'));
const data = Uint8Array.from({ length: 500_000 }, (_, i) => (i * 7 + (i >> 8)) & 255);
let server: TestServer;
let address: string;

beforeAll(async () => {
  process.env.IMGCONV_HTTP_TIMEOUT = '0.4';
  process.env.IMGCONV_HTTP_TRIES = '2';
  writeFileSync(join(folder, 'data.bin'), data);
  writeFileSync(join(folder, 'empty.bin'), '');
  server = await serve(folder);
  address = `${server.url}/data.bin`;
});
afterEach(() => {
  server.handle = undefined;
  server.ranges = true;
  server.asked.length = 0;
});
afterAll(async () => {
  delete process.env.IMGCONV_HTTP_TIMEOUT;
  delete process.env.IMGCONV_HTTP_TRIES;
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Answer the first `times` requests in another way. */
function spoil(times: number, answer: (response: ServerResponse) => void): void {
  let left = times;
  server.handle = (_, response) => {
    if (left-- <= 0) return false;
    answer(response);
    return true;
  };
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(code, headers).end();
  };

describe('a tree on a server', () => {
  it('reads ranges of a file, in blocks that are kept', async () => {
    const tree = await openTree(address);
    expect(tree).toMatchObject({ isFolder: false, name: 'data.bin', root: server.url });
    expect(tree.head).toEqual(data.slice(0, 4096));
    const source = await tree.open();
    expect(source.size).toBe(data.length);
    for (const [offset, length] of [
      [0, 10],
      [65_530, 12],
      [400_000, 100_000],
      [499_999, 1],
      [10, 0],
    ] as const)
      expect(Buffer.compare(await source.read(offset, length), data.subarray(offset, offset + length))).toBe(0);
    const requests = server.asked.length;
    await source.read(65_000, 1000);
    expect(server.asked.length).toBe(requests);
    await expect(source.read(499_999, 2)).rejects.toMatchObject({ blame: 'format', code: 'TRUNCATED' });
    await tree.close();
  });

  it('reads a large range in one request', async () => {
    const big = new Uint8Array(3 * 2 ** 20).fill(9);
    writeFileSync(join(folder, 'big.bin'), big);
    const source = await (await openTree(`${server.url}/big.bin`)).open();
    server.asked.length = 0;
    expect(Buffer.compare(await source.read(1000, 2 * 2 ** 20), big.subarray(0, 2 * 2 ** 20))).toBe(0);
    expect(server.asked).toEqual(['GET /big.bin bytes=1000-2098151']);
  });

  it('knows what is not there, and does not leave the folder', async () => {
    await expect(openTree(`${server.url}/none.bin`)).rejects.toMatchObject({ blame: 'io', code: 'NOT_FOUND' });
    const tree = await openTree(address);
    expect(await tree.has?.('empty.bin')).toBe(true);
    expect(await tree.has?.('none.bin')).toBe(false);
    expect(await tree.readSmall('none.bin', 100)).toBeUndefined();
    expect((await tree.readSmall('empty.bin', 100))?.length).toBe(0);
    await expect(tree.readSmall('data.bin', 100)).rejects.toMatchObject({ blame: 'limit', code: 'METADATA_SIZE' });
    await expect(tree.open('../x')).rejects.toMatchObject({ code: 'PATH_ESCAPES' });
    await expect(tree.open('http://elsewhere/x')).rejects.toMatchObject({ code: 'PATH_ESCAPES' });
  });

  it('takes small files whole from servers without ranges, refuses large ones', async () => {
    server.ranges = false;
    const source = await (await openTree(address)).open();
    expect(await source.read(300_000, 5)).toEqual(data.slice(300_000, 300_005));
    server.handle = (_, response) => {
      response.writeHead(200, { 'content-length': WHOLE_BYTES + 1 });
      response.write('x');
      return true;
    };
    await expect(openTree(address)).rejects.toMatchObject({ blame: 'io', code: 'NO_RANGES' });
  });

  it('knows pages from data, and other schemes', async () => {
    server.handle = (_, response) => {
      response.end('<!DOCTYPE html><title>App</title>');
      return true;
    };
    await expect(openTree(`${server.url}/image.ome.zarr`)).rejects.toMatchObject({
      blame: 'unsupported',
      code: 'URL_PAGE',
    });
    await expect(openTree('s3://bucket/key')).rejects.toMatchObject({ blame: 'unsupported', code: 'URL' });
  });
});

describe('servers that fail', () => {
  it('are asked again', async () => {
    spoil(1, status(503));
    expect((await new HttpClient().get(address, { offset: 5, length: 3 }))?.bytes).toEqual(data.slice(5, 8));
    spoil(1, (response) => response.destroy());
    expect((await new HttpClient().get(address, { offset: 5, length: 3 }))?.bytes).toEqual(data.slice(5, 8));
    spoil(1, (response) => {
      response.writeHead(206, { 'content-length': 3, 'content-range': `bytes 5-7/${data.length}` });
      response.write('x');
      setTimeout(() => response.destroy(), 20);
    });
    expect((await new HttpClient().get(address, { offset: 5, length: 3 }))?.bytes).toEqual(data.slice(5, 8));
  });

  it.each([
    [403, {}, 'EACCES'],
    [401, {}, 'EACCES'],
    [400, {}, 'HTTP_400'],
    [429, { 'retry-after': '0' }, 'HTTP_429'],
    [503, {}, 'HTTP_503'],
    [302, { location: '/data.bin' }, 'HTTP_REDIRECT'],
    [302, { location: 'file:///etc/passwd' }, 'HTTP_REDIRECT'],
    [204, {}, 'HTTP_204'],
  ])('with status %i %j', async (code, headers, expected) => {
    spoil(100, status(code, headers as unknown as Record<string, string>));
    await expect(new HttpClient().get(address)).rejects.toMatchObject({ blame: 'io', code: expected });
  });

  it('404, 410 and 403 of stores that may not be listed mean: not there', async () => {
    for (const answer of [status(404), status(410), status(403, { 'x-amz-request-id': 'A' })]) {
      spoil(100, answer);
      expect(await new HttpClient().get(address)).toBeUndefined();
      expect(await new HttpClient().size(address)).toBeUndefined();
    }
  });

  it('redirects are followed', async () => {
    server.handle = (_, response, path) => {
      if (path !== '/old.bin') return false;
      response.writeHead(301, { location: '/data.bin' }).end();
      return true;
    };
    expect((await new HttpClient().get(`${server.url}/old.bin`, { last: 4 }))?.bytes).toEqual(data.slice(-4));
  });

  it.each([
    ['another range', { 'content-range': `bytes 0-2/${data.length}` }],
    ['no range', {}],
    ['a shorter range', { 'content-range': `bytes 5-6/${data.length}` }],
  ])('with %s', async (_, headers) => {
    spoil(100, (response) => {
      response.writeHead(206, headers as unknown as Record<string, string>);
      response.end('abc');
    });
    await expect(new HttpClient().get(address, { offset: 5, length: 3 })).rejects.toMatchObject({ code: 'HTTP_RANGE' });
  });

  it('with a body that never ends', async () => {
    let sent = 0;
    spoil(100, (response) => {
      response.writeHead(206, { 'content-range': `bytes 5-7/${data.length}` });
      const more = (): void => {
        if (response.destroyed) return;
        sent += 65_536;
        response.write(Buffer.alloc(65_536), () => setImmediate(more));
      };
      more();
    });
    await expect(new HttpClient().get(address, { offset: 5, length: 3 })).rejects.toMatchObject({
      code: 'HTTP_LENGTH',
    });
    expect(sent).toBeLessThan(64 * 2 ** 20);
  });

  it('with a wrong length', async () => {
    spoil(100, (response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('short');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(new HttpClient().get(address)).rejects.toMatchObject({
      code: 'HTTP_TRUNCATED',
      message: expect.stringContaining('5 of 1000 bytes'),
    });
  });

  it('in silence', async () => {
    spoil(100, () => undefined);
    await expect(new HttpClient().get(address)).rejects.toMatchObject({ code: 'TIMEOUT' });
    spoil(100, (response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('x');
    });
    await expect(new HttpClient().get(address)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('drop by drop', async () => {
    spoil(100, (response) => {
      response.writeHead(200, { 'content-length': 1000 });
      const drip = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(drip));
    });
    await expect(new HttpClient().get(address)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('that are none', async () => {
    const odd = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('SSH-2.0-OpenSSH\r\n', () => setTimeout(() => socket.destroy(), 100));
    });
    await new Promise<void>((done) => odd.listen(0, '127.0.0.1', done));
    const { port } = odd.address() as { port: number };
    await expect(new HttpClient().get(`http://127.0.0.1:${port}/x`)).rejects.toMatchObject({ code: 'HTTP_PROTOCOL' });
    await new Promise((done) => odd.close(done));
    await expect(new HttpClient().get(`http://127.0.0.1:${port}/x`)).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(new HttpClient().get(address.replace('http:', 'https:'))).rejects.toMatchObject({ code: 'TLS' });
    await expect(new HttpClient().get('http://no-such-host.invalid/x')).rejects.toMatchObject({ code: 'HOST_UNKNOWN' });
  });

  it('compressed answers are unpacked, within bounds', async () => {
    spoil(100, (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(data));
    });
    expect(Buffer.compare((await new HttpClient().get(address))!.bytes, data)).toBe(0);
    await expect(new HttpClient().get(address, undefined, 100_000)).rejects.toMatchObject({ blame: 'io' });
  });

  it('never sees more than sixteen requests at once', async () => {
    let now = 0;
    let most = 0;
    server.handle = (_, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.end('x');
      }, 10);
      return true;
    };
    const client = new HttpClient();
    await Promise.all(Array.from({ length: 60 }, (_, i) => client.get(`${server.url}/${i}`)));
    expect(most).toBeLessThanOrEqual(16);
    expect(most).toBeGreaterThan(4);
  });
});

describe('objects for the engine', () => {
  it('are read like files after they were asked for', async () => {
    const pool = new FilePool();
    await pool.prepare([
      { file: address, offset: 100, length: 50 },
      { file: address, offset: 1000, length: 50 },
      { file: address, offset: 300_000, length: 400_000 },
      { file: `${server.url}/none`, all: true },
      { file: `${server.url}/empty.bin`, size: true },
    ]);
    // Neighbours come together.
    expect(server.asked.filter((line) => line.includes('data.bin')).sort()).toEqual([
      'GET /data.bin bytes=100-1049',
      'GET /data.bin bytes=300000-699999',
    ]);
    expect(pool.size(address)).toBe(data.length);
    expect(pool.size(`${server.url}/none`)).toBeUndefined();
    expect(pool.size(`${server.url}/empty.bin`)).toBe(0);
    const target = new Uint8Array(60);
    expect(pool.read(address, 1000, target.subarray(0, 50))).toBe(50);
    expect(target.subarray(0, 50)).toEqual(data.slice(1000, 1050));
    // At the end there is less.
    expect(pool.read(address, data.length - 10, target)).toBe(10);
    expect(() => pool.read(address, 200_000, target)).toThrow(/before it was fetched/);
    pool.close();
  });

  it('notice that an object changes', async () => {
    const objects = new RemoteObjects();
    await objects.prepare([{ file: address, offset: 0, length: 10 }]);
    server.handle = (_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 100000-100009/100010' }).end('0123456789');
      return true;
    };
    const later = objects.prepare([{ file: address, offset: 100_000, length: 10 }]);
    await expect(later).rejects.toMatchObject({ code: 'CHANGED' });
  });
});
