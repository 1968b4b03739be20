import { describe, expect, it } from 'vitest';
import { broken, MORE_DEFECTS, NGFF_DEFECTS } from './defects/ngff.js';
import { imageStore, type NgffVersion, plateStore } from './defects/store.js';
import { check, stored } from './support.js';

const VERSIONS: readonly NgffVersion[] = ['0.4', '0.5'];

describe.each(VERSIONS)('OME-Zarr %s', (version) => {
  it('valid image with labels has no finding', async () => {
    expect((await check(stored(imageStore(version)), { level: 'pixels' })).lines).toEqual([]);
  });

  it('valid plate has no finding', async () => {
    expect((await check(stored(plateStore(version)), { level: 'pixels' })).lines).toEqual([]);
  });

  it.each(
    [...NGFF_DEFECTS, ...MORE_DEFECTS]
      .filter(({ only }) => only === undefined || only === version)
      .map((defect) => [defect.id, defect.what, defect] as const),
  )('%s: %s', async (_id, _what, defect) => {
    const outcome = await check(stored(broken(defect, version)), { level: defect.level ?? 'metadata' });
    expect(outcome.rules, outcome.lines.join('\n')).toContain(defect.rule);
  });
});

it('37 defects are listed', () => {
  expect(NGFF_DEFECTS).toHaveLength(37);
});
