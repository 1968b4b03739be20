import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { imgconv, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

/** An 8-bit RGB PNG whose rows use filter 1, as Node's own zlib unpacks it. */
function readPng(file: string): { width: number; height: number; at(x: number, y: number): number[] } {
  const bytes = readFileSync(file);
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const length = bytes.readUInt32BE(33);
  expect(bytes.toString('latin1', 37, 41)).toBe('IDAT');
  const rows = inflateSync(bytes.subarray(41, 41 + length));
  const stride = 1 + width * 3;
  for (let y = 0; y < height; y++)
    for (let i = 3; i < width * 3; i++)
      rows[y * stride + 1 + i] = (rows[y * stride + 1 + i]! + rows[y * stride - 2 + i]!) & 255;
  return { width, height, at: (x, y) => [...rows.subarray(y * stride + 1 + x * 3, y * stride + 4 + x * 3)] };
}

async function picture(name: string, ...args: string[]): Promise<ReturnType<typeof readPng>> {
  const file = join(scratch.path, `${name}.png`);
  const { code, err } = await imgconv(['preview', '-o', file, ...args]);
  expect(code, err).toBe(0);
  return readPng(file);
}

describe('imgconv preview', () => {
  it('shows RGB as it is', async () => {
    const png = await picture('rgb', join(scratch.path, 'a&sizeX=40&sizeY=30&sizeC=3&rgb=3&pixelType=uint8.fake'));
    expect([png.width, png.height]).toEqual([40, 30]);
    // v = x + 3 y + 53 c
    expect(png.at(7, 2)).toEqual([13, 66, 119]);
  });

  it('stretches a single channel from dark to white, and keeps the shape', async () => {
    const png = await picture(
      'grey',
      join(scratch.path, 'b&sizeX=1000&sizeY=250&pixelType=uint16.fake'),
      '--size',
      '100',
    );
    expect([png.width, png.height]).toEqual([100, 25]);
    expect(png.at(0, 0)).toEqual([0, 0, 0]);
    expect(png.at(99, 24)).toEqual([255, 255, 255]);
    const [r, g, b] = png.at(50, 12);
    expect(r).toBe(g);
    expect(g).toBe(b);
  });

  it('makes a contact sheet of several images, or picks one', async () => {
    const input = join(scratch.path, 'c&sizeX=50&sizeY=50&series=4&pixelType=uint8.fake');
    const all = await picture('sheet', input, '--size', '104');
    expect([all.width, all.height]).toEqual([104, 104]);
    expect(all.at(51, 51)).toEqual([64, 64, 64]);
    const one = await picture('one', input, '--series', '2');
    expect([one.width, one.height]).toEqual([50, 50]);
  });

  it('refuses what it cannot show', async () => {
    const input = join(scratch.path, 'd&sizeX=5&sizeY=5.fake');
    expect((await imgconv(['preview', input])).code).toBe(2);
    expect((await imgconv(['preview', input, '--series', '3', '-o', join(scratch.path, 'x.png')])).code).toBe(2);
  });
});
