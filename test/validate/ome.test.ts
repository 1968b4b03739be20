import { describe, expect, it } from 'vitest';
import { omeTiff, TIFF_DEFECTS } from './defects/ome-tiff.js';
import { XML_BASE, XML_DEFECTS } from './defects/ome-xml.js';
import { check, written } from './support.js';

describe('OME-XML', () => {
  it('valid document has no finding', async () => {
    expect((await check(written(XML_BASE, 'test.ome.xml'))).lines).toEqual([]);
  });

  it.each(XML_DEFECTS)('%s: %s', async (_id, _what, rule, change) => {
    const xml = change(XML_BASE);
    expect(xml).not.toBe(XML_BASE);
    const outcome = await check(written(xml, 'test.ome.xml'));
    expect(outcome.rules, outcome.lines.join('\n')).toContain(rule);
    expect(outcome.errors).toBeGreaterThan(0);
  });

  it('26 defects are listed', () => expect(XML_DEFECTS).toHaveLength(26));
});

describe('OME-TIFF', () => {
  it('valid file has no finding', async () => {
    expect((await check(written(omeTiff(), 'test.ome.tiff'), { level: 'pixels' })).lines).toEqual([]);
  });

  it.each(TIFF_DEFECTS.map((defect) => [defect[0], defect[1], defect] as const))(
    '%s: %s',
    async (_id, _what, defect) => {
      const [, , rule, knobs, level] = defect;
      const outcome = await check(written(omeTiff(knobs), 'test.ome.tiff'), { level: level ?? 'metadata' });
      expect(outcome.rules, outcome.lines.join('\n')).toContain(rule);
      expect(outcome.errors).toBeGreaterThan(0);
    },
  );

  it('11 defects are listed', () => expect(TIFF_DEFECTS).toHaveLength(11));
});
