import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ngff } from '../../readers/ngff/format.js';
import { zarr } from '../../readers/zarr/format.js';
import { assignAxes } from '../../src/containers/zarr/axes.js';
import { chainV2, chainV3 } from '../../src/containers/zarr/chain.js';
import { parseDataType, parseFill, parseNumpyType } from '../../src/containers/zarr/data-type.js';
import { type JsonObject, parseJson, printJson } from '../../src/containers/zarr/json.js';
import { crc32c } from '../../src/containers/zarr/shard-index.js';
import { joinKey } from '../../src/containers/zarr/store.js';
import { lengthSymbol, timeSymbol } from '../../src/core/unit-words.js';
import { codeOf, FIXTURES, memoryTree, openWith, unpack } from './zarr-support.js';

const parse = (text: string) => parseJson(new TextEncoder().encode(text), 'test');

describe('JSON of Zarr metadata', () => {
  it('keeps integers beyond 2^53, and takes NaN and Infinity', () => {
    const text =
      '{"a":[18446744073709551615,-9223372036854775808,12],"b":NaN,"c":-Infinity,"d":"x\\u00b5\\n","e":1e3,"f":{"g":null,"h":true}}';
    const value = parse(text) as JsonObject;
    expect(value.a).toEqual([2n ** 64n - 1n, -(2n ** 63n), 12]);
    expect([value.b, value.c, value.d, value.e, value.f]).toEqual([
      Number.NaN,
      -Infinity,
      'xµ\n',
      1000,
      { g: null, h: true },
    ]);
    expect(printJson(value)).toBe(
      '{"a":[18446744073709551615,-9223372036854775808,12],"b":NaN,"c":-Infinity,"d":"xµ\\n","e":1000,"f":{"g":null,"h":true}}',
    );
  });

  it.each([
    '',
    '{',
    '[1,]',
    '{"a"}',
    '{"a":1,}',
    'tru',
    '"a',
    '[1] 2',
    '{1:2}',
    '[NaN',
    `${'['.repeat(1000)}${']'.repeat(1000)}`,
  ])('refuses %j', async (text) => {
    expect(await codeOf((async () => parse(text))())).toBe('ZARR_JSON');
  });

  it('does not touch prototypes', () => {
    const value = parse('{"__proto__":{"x":12345678901234567890}}') as JsonObject;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('element types and fill values', () => {
  const type = (text: string) => parseNumpyType(text, 'test').type;
  it('knows byte order', () => {
    expect(parseNumpyType('>i2', 'test').bigEndian).toBe(true);
    expect(parseNumpyType('>i1', 'test').bigEndian).toBe(false);
    expect(parseNumpyType('=u4', 'test').bigEndian).toBe(false);
  });

  it.each([
    ['<f4', 'NaN', Number.NaN],
    ['<f8', '-Infinity', -Infinity],
    ['<f4', '0x7fc00000', Number.NaN],
    ['<f4', '0x40490fdb', Math.fround(Math.PI)],
    ['<f2', '0x3c00', 1],
    ['<i2', 'AQA=', 1],
    ['>i2', 'AAE=', 1],
    ['|i1', '0', 0],
    ['|b1', true, 1],
    ['<u2', null, 0],
    ['<u2', '', 0],
    ['<f4', 0.1, Math.fround(0.1)],
    ['<c8', [0, 0], 0],
  ])('reads the fill value of %s %j', (dtype, value, expected) => {
    const { type, bigEndian } = parseNumpyType(dtype, 'test');
    expect(parseFill(value, type, bigEndian, 'test').value).toBe(expected);
  });

  it.each([
    ['|u1', -1],
    ['|u1', 256],
    ['<i2', 0.5],
    ['<i2', '####'],
    ['<u8', 2n ** 64n],
    ['<i2', {}],
    ['<c8', [1, 2]],
  ])('refuses the fill value of %s', async (dtype, value) => {
    expect(await codeOf((async () => parseFill(value, type(dtype), false, 'test'))())).toBe('ZARR_FILL_VALUE');
  });
});

describe('codec chains', () => {
  const given = parseNumpyType('>i4', 'test');
  it('undoes v2 filters back to front, and byte order once', () => {
    expect(chainV2({ compressor: { id: 'zlib' }, filters: null }, given, 'test')).toEqual([
      { id: 'zlib' },
      { id: 'endian', size: 4 },
    ]);
    const filters = [
      { id: 'delta', dtype: '>i4', astype: '>i2' },
      { id: 'shuffle', elementsize: 2 },
    ];
    expect(chainV2({ compressor: { id: 'zstd' }, filters }, given, 'test')).toEqual([
      { id: 'zstd' },
      { id: 'unshuffle', size: 2 },
      { id: 'endian', size: 2 },
      { id: 'delta', from: 'int16', to: 'int32' },
    ]);
  });

  it('composes transposes', () => {
    const codecs = [
      { name: 'transpose', configuration: { order: [2, 0, 1] } },
      { name: 'transpose', configuration: { order: [1, 0, 2] } },
      'bytes',
    ];
    expect(chainV3(codecs, parseDataType('uint8', 'test'), 3, 'test').stored).toEqual([0, 2, 1]);
  });

  it.each([
    [[{ name: 'transpose', configuration: { order: [0, 0, 1] } }, 'bytes'], 'ZARR_CODEC'],
    [['bytes', { name: 'pcodec' }], 'ZARR_CODEC'],
    [['bytes', { name: 'sharding_indexed' }], 'ZARR_CODEC'],
    [[{ name: 'sharding_indexed', configuration: { chunk_shape: [2], codecs: ['bytes'] } }], 'ZARR_SHARD'],
    [
      [
        {
          name: 'sharding_indexed',
          configuration: { chunk_shape: [1, 1, 1], codecs: ['bytes'], index_codecs: ['gzip'] },
        },
      ],
      'ZARR_CODEC',
    ],
    [[42, 'bytes'], 'ZARR_CODEC'],
  ])('refuses %j', async (codecs, code) => {
    expect(await codeOf((async () => chainV3(codecs, parseDataType('uint8', 'test'), 3, 'test'))())).toBe(code);
  });
});

describe('axes, keys and units', () => {
  const axesOf = (shape: number[], names?: (string | undefined)[]) =>
    assignAxes(
      shape,
      names?.map((name) => ({ name })),
      'test',
    ).axes;
  it('assigns axes by name, then by place', () => {
    expect(axesOf([2, 3])).toEqual([3, 4]);
    expect(axesOf([2, 3, 4, 5])).toEqual([1, 2, 3, 4]);
    expect(axesOf([1, 1, 2, 3, 4, 5, 6])).toEqual([-1, -1, 0, 1, 2, 3, 4]);
    expect(axesOf([2, 3, 4], ['x', 'y', 'c'])).toEqual([4, 3, 1]);
    expect(axesOf([2, 3, 4], ['Time', undefined, undefined])).toEqual([0, 3, 4]);
    expect(axesOf([2, 3, 4], ['angle', 'y', 'x'])).toEqual([1, 3, 4]);
    expect(axesOf([])).toEqual([]);
  });

  it('joins keys inside the hierarchy only', () => {
    expect(joinKey('a', './b//c')).toBe('a/b/c');
    for (const path of ['../x', 'a/../../b', 'a\\b']) expect(() => joinKey('a', path)).toThrow(/outside/);
  });

  it('knows units by UDUNITS name, symbol and habit', () => {
    expect(
      ['micrometer', 'Micrometers', 'micrometre', 'um', 'µm', 'nanometer', 'angstrom', 'inch', 'Mm', 'unit'].map(
        lengthSymbol,
      ),
    ).toEqual(['µm', 'µm', 'µm', 'µm', 'µm', 'nm', 'Å', 'in', 'Mm', undefined]);
    expect(['second', 'millisecond', 'ms', 'hours', 'minute', 'parsec'].map(timeSymbol)).toEqual([
      's',
      'ms',
      'ms',
      'h',
      'min',
      undefined,
    ]);
  });

  it('computes CRC-32C', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  });
});

/** Small generator of pseudo-random numbers, so that every run sees the same damage. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const ODD: unknown[] = [
  null,
  -1,
  0,
  1e300,
  2 ** 53,
  '',
  '../..',
  'x',
  [],
  {},
  [[]],
  true,
  [1, 2, 3],
  { name: 'bytes' },
  'NaN',
  -0.5,
  'a'.repeat(300),
];

function damage(value: unknown, next: () => number): unknown {
  if (next() < 0.15 || typeof value !== 'object' || value === null)
    return next() < 0.5 ? ODD[Math.floor(next() * ODD.length)] : value;
  const keys = Object.keys(value);
  const key = keys[Math.floor(next() * keys.length)];
  if (key === undefined) return ODD[Math.floor(next() * ODD.length)];
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? damage(item, next) : item));
  const copy: Record<string, unknown> = { ...value };
  if (next() < 0.1) delete copy[key];
  else copy[key] = damage(copy[key], next);
  return copy;
}

function metadataOf(folder: string, prefix = ''): Record<string, unknown> {
  const files: Record<string, unknown> = {};
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) Object.assign(files, metadataOf(path, `${prefix}${name}/`));
    else if (/^(zarr\.json|\.z\w+)$/.test(name)) files[prefix + name] = JSON.parse(readFileSync(path, 'utf8'));
    else if (name.endsWith('.xml')) files[prefix + name] = readFileSync(path, 'utf8');
  }
  return files;
}

describe('damaged metadata', () => {
  it.each(['v04', 'v05', 'v06', 'plate', 'collection', 'v01'])(
    'of %s ends in a result or a known error',
    async (name) => {
      const files = metadataOf(await unpack(join(FIXTURES, `ngff/${name}.ome.zarr.zip`)));
      const keys = Object.keys(files).filter((key) => !key.endsWith('.xml'));
      const next = random(name.length * 7919);
      for (let i = 0; i < 400; i++) {
        const broken = { ...files };
        for (let k = 0; k < 1 + next() * 3; k++) {
          const key = keys[Math.floor(next() * keys.length)]!;
          broken[key] = damage(broken[key], next);
        }
        const reader = next() < 0.8 ? ngff : zarr;
        const tree = memoryTree(broken);
        await reader.identify!(tree);
        await codeOf(openWith(reader, tree));
      }
    },
  );
});
