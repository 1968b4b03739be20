// Rules beyond the listed defects: collections, archives, shards, sets of files, profiles, forms of output.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { validation } from '../../src/app/schemas.js';
import { asDocument, validatePath } from '../../src/app/validate.js';
import { convert } from '../../src/app.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import { checkWellFormed } from '../../src/containers/xml/wellformed.js';
import { ImgconvError } from '../../src/core/errors.js';
import { RULES } from '../../src/validate/rules.js';
import { omeTiff } from './defects/ome-tiff.js';
import { XML_BASE } from './defects/ome-xml.js';
import { arrayOf, group, image, imageStore, type Loose, ome, plateStore, type Store } from './defects/store.js';
import { check, fresh, stored, written } from './support.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

function xml(images: readonly (readonly [x: number, y: number])[], storage = '<MetadataOnly/>'): Uint8Array {
  const list = images.map(
    ([x, y], i) =>
      `<Image ID="Image:${i}"><Pixels ID="Pixels:${i}" DimensionOrder="XYZCT" Type="uint16" SizeX="${x}" SizeY="${y}" SizeZ="1" SizeC="2" SizeT="1"><Channel ID="Channel:${i}:0"/><Channel ID="Channel:${i}:1"/>${storage}</Pixels></Image>`,
  );
  return Buffer.from(`<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">${list.join('')}</OME>`);
}

function collection(metadata: Uint8Array | undefined, series: Loose = ['0', '1']): Store {
  const store: Store = new Map();
  group(store, '0.5', '', { 'bioformats2raw.layout': 3 });
  group(store, '0.5', 'OME', { series });
  for (const name of ['0', '1']) image(store, '0.5', name, { axes: 'cyx', shape: [2, 20, 30], levels: 1 });
  if (metadata) store.set('OME/METADATA.ome.xml', metadata);
  return store;
}

describe('collections', () => {
  const sizes = [
    [30, 20],
    [30, 20],
  ] as const;

  it('accepts one that fits', async () => {
    expect((await check(stored(collection(xml(sizes))), { level: 'pixels' })).lines).toEqual([]);
  });

  it.each([
    ['fewer images in the XML', collection(xml([sizes[0]])), 'NGFF_OME_XML_IMAGES'],
    ['other sizes in the XML', collection(xml([sizes[0], [30, 21]])), 'NGFF_OME_XML_SIZES'],
    ['TiffData in the XML', collection(xml(sizes, '<TiffData/>')), 'NGFF_OME_XML_PIXELS'],
    ['broken XML', collection(xml(sizes, '<Nothing/>')), 'OME_CONTENT'],
    ['no XML', collection(undefined), 'NGFF_OME_XML_MISSING'],
    ['series that does not exist', collection(xml(sizes), ['0', '7']), 'NGFF_SERIES_MISSING'],
    ['series of numbers', collection(xml(sizes), [0, 1]), 'NGFF_SERIES'],
  ])('%s', async (_what, store, rule) => {
    const outcome = await check(stored(store));
    expect(outcome.rules, outcome.lines.join('\n')).toContain(rule);
  });
});

describe('Zarr', () => {
  it.each<readonly [what: string, rule: string, change: (store: Store) => void]>([
    [
      'bare NaN',
      'ZARR_JSON_NAN',
      (store) =>
        store.set('.zattrs', Buffer.from(JSON.stringify(store.get('.zattrs')).replace('"start":300', '"start":NaN'))),
    ],
    ['broken JSON', 'ZARR_JSON', (store) => store.set('.zattrs', Buffer.from('{'))],
    ['no .zgroup', 'ZARR_GROUP', (store) => store.delete('.zgroup')],
    ['keys missing', 'ZARR_KEYS', (store) => delete store.get('s0/.zarray').order],
    [
      'fill value out of range',
      'ZARR_FILL_VALUE',
      (store) => {
        store.get('s0/.zarray').fill_value = -1;
      },
    ],
    [
      'path out of the hierarchy',
      'PATH_ESCAPES',
      (store) => {
        store.get('.zattrs').multiscales[0].datasets[0].path = '../s0';
      },
    ],
    [
      'separator "."',
      'NGFF_SEPARATOR',
      (store) => {
        store.get('s0/.zarray').dimension_separator = '.';
      },
    ],
    [
      'label not listed',
      'NGFF_LABEL_UNLISTED',
      (store) => {
        store.get('labels/.zattrs').labels = [];
      },
    ],
  ])('0.4: %s', async (_what, rule, change) => {
    const store = imageStore('0.4');
    change(store);
    const outcome = await check(stored(store));
    expect(outcome.rules, outcome.lines.join('\n')).toContain(rule);
  });

  it.each<readonly [what: string, rule: string, change: (store: Store) => void]>([
    [
      'stale consolidated metadata',
      'ZARR_CONSOLIDATED',
      (store) => {
        const copy = { ...arrayOf(store, '0.5', 's0'), shape: [1, 1, 1, 1] };
        store.get('zarr.json').consolidated_metadata = {
          kind: 'inline',
          must_understand: false,
          metadata: { s0: copy },
        };
      },
    ],
    [
      'unknown extension',
      'ZARR_EXTENSION',
      (store) => {
        arrayOf(store, '0.5', 's0').compression_hint = { fast: true };
      },
    ],
    ['bytes without endian', 'ZARR_CODEC', (store) => delete arrayOf(store, '0.5', 's0').codecs[0].configuration],
    [
      'dimension_names of another length',
      'ZARR_DIMENSION_NAMES',
      (store) => {
        arrayOf(store, '0.5', 's0').dimension_names = ['y', 'x'];
      },
    ],
    [
      'level of Zarr v2',
      'NGFF_VERSION_MIXED',
      (store) => {
        store.delete('s1/zarr.json');
        store.set('s1/.zarray', imageStore('0.4').get('s1/.zarray'));
      },
    ],
  ])('0.5: %s', async (_what, rule, change) => {
    const store = imageStore('0.5');
    change(store);
    const outcome = await check(stored(store));
    expect(outcome.rules, outcome.lines.join('\n')).toContain(rule);
  });

  it('tells Zarr without OME-NGFF', async () => {
    const store = imageStore('0.5');
    store.get('zarr.json').attributes = {};
    store.get('labels/zarr.json').attributes = {};
    store.get('labels/cells/zarr.json').attributes = {};
    const report = await validatePath(stored(store), { level: 'pixels' });
    expect(report).toMatchObject({ kind: 'zarr', valid: true, warnings: 1 });
  });

  it('finds broken shards', async () => {
    const output = fresh('shards.ome.zarr');
    const input = 'a&sizeX=600&sizeY=600&pixelType=uint16.fake';
    const options = { tileWidth: 128, tileHeight: 128, shardWidth: 512, shardHeight: 512 };
    const target = { writer: 'ngff', options: () => options } as const;
    await convert({ input, output, target, overwrite: false, onMissing: 'fail', workers: 1 });
    const names = (readdirSync(output, { recursive: true }) as string[]).filter((name) => /^0\/c\/.*\d$/.test(name));
    const file = join(
      output,
      names.findLast((name) => !readdirSync(output).includes(name) && /(\/\d+){5}$/.test(name))!,
    );
    const bytes = readFileSync(file);
    const flipped = Uint8Array.from(bytes);
    flipped[bytes.length - 30]! ^= 0xff;
    writeFileSync(file, flipped);
    expect((await check(output, { level: 'structure' })).rules).toContain('SHARD_CHECKSUM');
    writeFileSync(file, bytes.subarray(0, 20));
    expect((await check(output, { level: 'structure' })).rules).toContain('SHARD_INDEX');
    writeFileSync(file, bytes);
    expect((await check(output, { level: 'pixels' })).lines).toEqual([]);
  });

  it('reads archives', async () => {
    expect((await check(join(FIXTURES, 'ngff/v04.ome.zarr.zip'), { level: 'pixels' })).errors).toBe(0);
    const { rules } = await check(join(FIXTURES, 'ngff/deflated.zip'), { level: 'pixels' });
    expect(rules).toEqual(expect.arrayContaining(['ZIP_ROOT', 'ZIP_PACKED']));
  });
});

describe('sets of OME-TIFF', () => {
  const outcome = (name: string) => check(join(FIXTURES, 'ome-tiff', name), { level: 'pixels' });

  it.each([
    'set-companion/set.companion.ome',
    'set-companion/z0.ome.tif',
    'set-master/part.ome.tif',
    'set-names/z1.ome.tif',
    'pyramid.ome.tif',
  ])('accepts %s', async (name) => expect((await outcome(name)).lines).toEqual([]));

  it.each([
    ['set-missing/set.companion.ome', 'OMETIFF_MEMBER'],
    ['set-uuids/renamed-0.ome.tif', 'OMETIFF_MEMBER'],
    ['no-master.ome.tif', 'OMETIFF_MASTER'],
    ['gaps.ome.tif', 'OMETIFF_COVERAGE'],
    ['reused.ome.tif', 'OMETIFF_OVERLAP'],
    ['rgb-claimed.ome.tif', 'OMETIFF_SAMPLES'],
    ['mixed.ome.tif', 'OMETIFF_SIZE'],
  ])('%s: %s', async (name, rule) => expect((await outcome(name)).rules).toContain(rule));
});

describe('profiles', () => {
  it.each([
    ['omero', '0.4', 'PROFILE_OMERO', false],
    ['omero', '0.5', 'PROFILE_OMERO', true],
    ['idr', '0.4', 'PROFILE_IDR', true],
    ['bia', '0.5', 'PROFILE_HINT', true],
    ['viewer', '0.5', 'PROFILE_VIEWER', false],
  ] as const)('%s on %s', async (profile, version, rule, told) => {
    const { rules } = await check(stored(plateStore(version)), { profile });
    expect(rules.includes(rule)).toBe(told);
  });

  it('strict makes errors of warnings', async () => {
    const store = imageStore('0.5');
    ome(store, '0.5').multiscales[0].axes[3].unit = 'micron';
    const path = stored(store);
    expect((await check(path)).errors).toBe(0);
    expect((await check(path, { profile: 'strict' })).errors).toBe(1);
  });
});

describe('output', () => {
  it('has the published form', async () => {
    const store = imageStore('0.5');
    ome(store, '0.5').omero.channels.pop();
    const report = await validatePath(stored(store, 'a & "b".ome.zarr'), { level: 'metadata' });
    expect(validation.parse(report)).toEqual(report);
    const sarif = JSON.parse(asDocument([report], [], 'sarif', false));
    expect(sarif.runs[0].results[0]).toMatchObject({ ruleId: 'NGFF_OMERO_CHANNELS', level: 'error' });
    const broken = [{ path: 'gone', error: new ImgconvError('io', 'NOT_FOUND', 'no such file') }];
    const junit = parseXml(asDocument([report], broken, 'junit', false));
    expect(checkWellFormed(junit)).toEqual([]);
    expect(junit.children.map((suite) => suite.attribute('failures'))).toEqual(['1', '1']);
    // What the schema of Ant's reports requires of each suite, in this order.
    for (const [i, suite] of junit.children.entries()) {
      for (const name of ['name', 'package', 'timestamp', 'hostname', 'tests', 'errors', 'time'])
        expect(suite.attribute(name)).toBeDefined();
      expect(suite.attribute('id')).toBe(String(i));
      expect(suite.children.map((child) => child.name)).toEqual(['properties', 'testcase', 'system-out', 'system-err']);
    }
  });

  it('has advice and a clause for each rule', () => {
    for (const [id, { advice, clause }] of RULES) {
      expect(id).toMatch(/^[A-Z0-9_]+$/);
      expect(advice).toMatch(/^[A-Z].*\.$/);
      expect(clause).not.toBe('');
    }
  });
});

describe('hostile input', () => {
  /** Small seeded generator. */
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
  }

  /** Findings, or an error that imgconv expects. */
  async function survives(path: string): Promise<void> {
    try {
      await validatePath(path, { level: 'pixels' });
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'internal') throw error;
    }
  }

  it('bytes changed at will', async () => {
    const next = random(7);
    const tiff = omeTiff();
    const text = Buffer.from(XML_BASE);
    for (let i = 0; i < 60; i++) {
      for (const [bytes, name] of [
        [tiff, 'a.ome.tiff'],
        [text, 'a.ome.xml'],
      ] as const) {
        const changed = Uint8Array.from(bytes);
        for (let k = 0; k < 8; k++) changed[Math.floor(next() * changed.length)] = Math.floor(next() * 256);
        await survives(written(changed, name));
      }
    }
  });

  it('metadata of every type at every place', async () => {
    const odd: readonly Loose[] = [null, 0, -1, 1e300, '', 'x', [], {}, [null], { name: 3 }, true, [[[]]]];
    const next = random(11);
    for (const version of ['0.4', '0.5'] as const) {
      for (let i = 0; i < 60; i++) {
        const store = i % 2 === 0 ? imageStore(version) : plateStore(version);
        const keys = [...store.keys()].filter((key) => !(store.get(key) instanceof Uint8Array));
        for (let k = 0; k < 3; k++) {
          const places: [Loose, string][] = [];
          const walk = (value: Loose): void => {
            if (value === null || typeof value !== 'object') return;
            for (const key of Object.keys(value)) {
              places.push([value, key]);
              walk(value[key]);
            }
          };
          walk(store.get(keys[Math.floor(next() * keys.length)]!));
          if (places.length === 0) continue;
          const [holder, key] = places[Math.floor(next() * places.length)]!;
          holder[key] = odd[Math.floor(next() * odd.length)];
        }
        const path = stored(store);
        try {
          await survives(path);
        } catch (error) {
          throw new Error(`${version} ${i} ${path}`, { cause: error });
        }
      }
    }
  }, 120_000);
});
