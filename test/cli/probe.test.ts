import { describe, expect, test } from 'vitest';
import { chooseReader, probeAll, readerById } from '../../src/app/probe.js';
import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';

type Score = Verdict['score'];

function reader(id: string, score: Score, identified?: Score): FormatReader & { asked: number } {
  const made = {
    id,
    name: id.toUpperCase(),
    extensions: [`.${id}`],
    structure: '',
    reads: [],
    gaps: [],
    asked: 0,
    probe: () => ({ score, why: `${id} says ${score}` }),
    open: () => Promise.reject(new Error('not opened here')),
  };
  if (identified === undefined) return made;
  return Object.assign(made, {
    identify: async (): Promise<Verdict> => {
      made.asked++;
      return { score: identified, why: `${id} looked: ${identified}` };
    },
  });
}

const tree = (over: Partial<InputTree> = {}): InputTree =>
  ({ path: 'in.xyz', name: 'in.xyz', isFolder: false, head: Uint8Array.of(1, 2, 3), ...over }) as InputTree;

const choose = async (readers: readonly FormatReader[], input = tree()): Promise<string> =>
  chooseReader(await probeAll(readers, input), input).id;

describe('choosing a reader', () => {
  test('the highest verdict wins, whatever the order', async () => {
    expect(await choose([reader('a', 50), reader('b', 100), reader('c', 75)])).toBe('b');
  });

  test('those that know the container look inside where nobody knows more', async () => {
    const [a, b, c] = [reader('a', 50, 50), reader('b', 50, 100), reader('c', 25, 100)];
    expect(await choose([a, b, c])).toBe('b');
    expect([a.asked, b.asked, c.asked]).toEqual([1, 1, 0]);
  });

  test('nobody looks inside where one is sure', async () => {
    const [a, b] = [reader('a', 50, 100), reader('b', 75)];
    expect(await choose([a, b])).toBe('b');
    expect(a.asked).toBe(0);
  });

  test('in folders all that are not sure it is nothing look', async () => {
    const [a, b, c] = [reader('a', 25, 75), reader('b', 50, 50), reader('c', 0, 100)];
    expect(await choose([a, b, c], tree({ isFolder: true, head: new Uint8Array(0) }))).toBe('a');
    expect([a.asked, b.asked, c.asked]).toEqual([1, 1, 0]);
  });

  test('what one reader stumbles over does not keep another from knowing the input', async () => {
    const broken: ReturnType<typeof reader> = {
      ...reader('a', 50),
      identify: async () => {
        throw new ImgconvError('io', 'ELOOP', 'a neighbour cannot be opened');
      },
    };
    expect(await choose([broken, reader('b', 50, 75)])).toBe('b');
    await expect(choose([broken, reader('b', 50, 0)])).rejects.toMatchObject({ code: 'ELOOP' });
  });

  test('a tie is for the user to decide, and names both', async () => {
    await expect(choose([reader('a', 75), reader('b', 75)])).rejects.toMatchObject({
      blame: 'usage',
      code: 'PROBE_TIE',
      message: expect.stringMatching(/a and b both claim it/) as string,
    });
  });

  test('an extension alone is no format', async () => {
    await expect(choose([reader('a', 25), reader('b', 0)])).rejects.toMatchObject({
      blame: 'unsupported',
      code: 'UNKNOWN_FORMAT',
      message: 'in.xyz: unknown format (A: a says 25); `imgconv formats` lists the known ones',
    });
  });

  test('an empty file is a broken file', async () => {
    const empty = tree({ head: new Uint8Array(0) });
    await expect(choose([reader('a', 25)], empty)).rejects.toMatchObject({ blame: 'format', code: 'EMPTY_FILE' });
  });

  test('--reader names one', () => {
    const list = [reader('czi', 0), reader('nd2', 0)];
    expect(readerById(list, 'ND2').id).toBe('nd2');
    expect(() => readerById(list, 'lif')).toThrow('no reader lif; there are czi, nd2');
  });
});
