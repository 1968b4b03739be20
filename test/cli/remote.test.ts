import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type TestServer } from '../io/server.js';
import { imgconv, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
const at = (name: string): string => join(scratch.path, name);
let server: TestServer;
const env = { IMGCONV_HTTP_TIMEOUT: '5', IMGCONV_HTTP_TRIES: '2' };
const run = (...args: string[]) => imgconv(args, { env });
const url = (name: string): string => `${server.url}/${name}`;

const source = at('cells&sizeX=700&sizeY=500&sizeZ=2&sizeC=2&sizeT=2&pixelType=uint16&physicalSizeX=0.5.fake');
const plate = at('plate&sizeX=64&sizeY=64&plates=1&plateRows=2&plateCols=2&fields=2.fake');

beforeAll(async () => {
  server = await serve(scratch.path);
  for (const args of [
    ['to-ngff', source, at('v5.ome.zarr')],
    ['to-ngff', '--ngff-version', '0.4', '--tile-width', '128', source, at('v4.ome.zarr')],
    ['to-ngff', plate, at('plate.ome.zarr')],
    ['to-ometiff', source, at('cells.ome.tiff')],
    ['to-ometiff', '--split', 'channels', source, at('set.ome.tiff')],
  ]) {
    const { code, err } = await imgconv(args);
    expect(code, err).toBe(0);
  }
  writeFileSync(at('cells.ome.xml'), (await imgconv(['xml', 'get', at('cells.ome.tiff')])).out);
});
afterAll(async () => {
  await server.close();
  scratch.remove();
});

describe('data on a server', () => {
  it.each(['v5.ome.zarr', 'v4.ome.zarr', 'v5.ome.zarr/', 'v4.ome.zarr/.zattrs', 'plate.ome.zarr', 'cells.ome.tiff'])(
    '%s: is as valid as the same on a disk',
    async (name) => {
      for (const level of ['metadata', 'structure', 'pixels']) {
        const there = await run('validate', '--json', '--level', level, url(name));
        const here = await run('validate', '--json', '--level', level, at(name));
        expect(there.code, there.err + there.out).toBe(0);
        expect(JSON.parse(there.out).findings).toEqual(JSON.parse(here.out).findings);
      }
    },
  );

  it('sets of files and documents, too', async () => {
    const first = readdirSync(scratch.path).find((name) => /^set.*\.ome\.tiff$/.test(name))!;
    for (const name of [first, 'cells.ome.xml']) {
      const { code, out, err } = await run('validate', url(name));
      expect(code, out + err).toBe(0);
    }
    rmSync(at('lonely'), { recursive: true, force: true });
    mkdirSync(at('lonely'));
    cpSync(at(first), at(`lonely/${first}`));
    const lonely = await run('validate', url(`lonely/${first}`));
    expect(lonely.code).toBe(4);
    expect(lonely.out).toContain('OMETIFF_MEMBER');
  });

  it('is described, hashed, compared and converted like files', async () => {
    const inputs = [url('v5.ome.zarr'), url('v4.ome.zarr'), url('cells.ome.tiff'), source];
    const { out } = await run('hash', ...inputs);
    expect(
      new Set(
        out
          .trim()
          .split('\n')
          .map((line) => line.slice(0, 64)),
      ).size,
    ).toBe(1);
    const info = JSON.parse((await run('info', '--json', url('v4.ome.zarr'))).out);
    expect(info).toMatchObject({ format: 'ngff', images: [{ sizeX: 700, sizeZ: 2 }] });
    const plates = JSON.parse((await run('info', '--json', url('plate.ome.zarr'))).out);
    expect(plates.plates[0].wells).toEqual(['A1', 'A2', 'B1', 'B2']);
    const converted = await run('to-ngff', '--verify', url('v4.ome.zarr'), at('back.ome.zarr'));
    expect(converted.code, converted.err).toBe(0);
    expect((await run('verify', url('cells.ome.tiff'), at('back.ome.zarr'))).code).toBe(0);
    expect((await run('preview', url('cells.ome.tiff'), '-o', at('p.png'))).code).toBe(0);
  });

  it('finds what is missing or broken', async () => {
    cpSync(at('v4.ome.zarr'), at('broken.ome.zarr'), { recursive: true });
    const chunks = at('broken.ome.zarr/0/0/0/0/0');
    unlinkSync(join(chunks, '0'));
    truncateSync(join(chunks, '1'), 20);
    const structure = await run('validate', '--level', 'structure', url('broken.ome.zarr'), '--notes');
    expect(structure.out).toContain('ZARR_CHUNKS_ABSENT');
    const pixels = await run('validate', '--level', 'pixels', url('broken.ome.zarr'));
    expect(pixels.code).toBe(4);
    expect(pixels.out).toContain('ZARR_CHUNK_BROKEN');
    renameSync(at('broken.ome.zarr/1'), at('broken.ome.zarr/x'));
    const level = await run('validate', url('broken.ome.zarr'));
    expect(level.code).toBe(4);
    expect(level.out).toContain('NGFF_LEVEL_MISSING');
    writeFileSync(at('broken.ome.zarr/.zattrs'), readFileSync(at('broken.ome.zarr/.zattrs')).subarray(0, 50));
    const json = await run('validate', url('broken.ome.zarr'));
    expect(json.code).toBe(4);
    expect(json.out).toContain('ZARR_JSON');
  });

  it('says in one line what is wrong with an address', async () => {
    const cases: readonly (readonly [string, number, RegExp])[] = [
      [url('none.ome.zarr'), 5, /none\.ome\.zarr: not found \(HTTP 404\)/],
      ['http://127.0.0.1:1/image.ome.tiff', 5, /refuses the connection/],
      ['http://no-such-host.invalid/image.ome.tiff', 5, /no such host/],
      [url('cells.ome.tiff').replace('http:', 'https:'), 5, /no secure connection/],
      ['s3://bucket/image.ome.zarr', 3, /https:\/\//],
      ['http://', 2, /no address/],
    ];
    for (const [path, code, text] of cases) {
      const ended = await run('validate', path);
      expect(ended.code, path + ended.err).toBe(code);
      expect(ended.err.trim().split('\n')).toHaveLength(1);
      expect(ended.err).toMatch(text);
    }
  });

  it('ends where the server fails half-way', async () => {
    server.handle = (_, response, path) => {
      if (!/\/c\/|\/0\/0\/0\/0\/1$/.test(path)) return false;
      response.writeHead(503).end();
      return true;
    };
    try {
      const { code, err } = await run('hash', url('v4.ome.zarr'));
      expect(code).toBe(5);
      expect(err).toContain('HTTP 503');
      const validated = await run('validate', '--level', 'pixels', url('v4.ome.zarr'));
      expect(validated.code).toBe(5);
    } finally {
      server.handle = undefined;
    }
  });
});
