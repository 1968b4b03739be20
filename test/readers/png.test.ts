import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { png } from '../../readers/png/format.js';
import { openWith } from '../containers/zarr-support.js';
import { describeRaster } from './raster.js';

describeRaster(png);

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

it('keeps compressed texts within bounds, all of them together', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'imgconv-png-'));
  const bomb = deflateSync(Buffer.alloc(12 * 2 ** 20, 'a'));
  const text = (key: string) => chunk('zTXt', Buffer.concat([Buffer.from(`${key}\0\0`, 'latin1'), bomb]));
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  writeFileSync(
    join(folder, 'bomb.png'),
    Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', header),
      ...['one', 'two', 'three'].map(text),
      chunk('IDAT', deflateSync(Buffer.alloc(2))),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
  const { dataset } = await openWith(png, join(folder, 'bomb.png'));
  rmSync(folder, { recursive: true });
  const sizes = ['one', 'two', 'three'].map((key) => dataset.original.find((entry) => entry.key === key)!.value.length);
  expect(sizes[0]).toBe(12 * 2 ** 20);
  expect(Math.max(...sizes.slice(1))).toBeLessThan(20);
});
