// Files of an .nd set: found by the names that the .nd file implies, opened once, closed again when their tables are known.

import { parseTiff } from '../../src/containers/tiff/file.js';
import type { InputTree, OpenOptions } from '../../src/core/contracts.js';
import { foldName, memberName, type NdFile, parseNd } from './nd.js';
import { readStack, type Stack } from './stack.js';

export interface MemberSet {
  readonly nd: NdFile;
  /** Name of the .nd file without extension. */
  readonly base: string;
  /** Real file name of a member, undefined where it does not exist. */
  find(wave: number, stage: number, time: number): string | undefined;
}

const EXTENSIONS = ['.stk', '.tif', '.tiff'];

export async function openSet(input: InputTree, ndName: string, options: OpenOptions): Promise<MemberSet> {
  const bytes = (await input.readSmall(ndName, options.limits.metadataBytes)) ?? new Uint8Array();
  const nd = parseNd(new TextDecoder('latin1').decode(bytes), `${input.root}/${ndName}`);
  const base = ndName.replace(/\.nd$/i, '');
  const files = new Map<string, string>();
  for (const entry of await input.list()) if (!entry.folder) files.set(foldName(entry.name), entry.name);
  return {
    nd,
    base,
    find(wave, stage, time) {
      const name = foldName(memberName(nd, base, wave, stage, time));
      for (const extension of EXTENSIONS) {
        const found = files.get(name + extension);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** The .nd file that a member belongs to. */
export async function findNd(input: InputTree): Promise<string | undefined> {
  const stem = /^(.*?)(?:_w\d+[^_]*)?(?:_s\d+)?(?:_t\d+)?\.(?:stk|tiff?)$/i.exec(input.name)?.[1];
  if (!stem || stem === input.name.replace(/\.[^.]*$/, '')) return undefined;
  const wanted = `${stem}.nd`.toLowerCase();
  return (await input.list()).find((entry) => !entry.folder && entry.name.toLowerCase() === wanted)?.name;
}

/** A member's planes. Its descriptor is not kept open, as sets have thousands of files. */
export async function openMember(input: InputTree, name: string, options: OpenOptions): Promise<Stack> {
  return readStack(await parseTiff(await input.open(name), options.limits), options.signal);
}
