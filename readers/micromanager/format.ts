import { tiffSignature } from '../../src/containers/tiff/file.js';
import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

/** At byte 8 of every file of a stack: where its index map lies. */
const STACK_STAMP = 54773648;
const IMAGE = /^img_.*\.tiff?$/i;
const STACK = /_MMStack.*\.tiff?$/i;
export const METADATA = 'metadata.txt';

export function isStack(head: Uint8Array): boolean {
  const signature = tiffSignature(head);
  if (!signature || head.length < 40) return false;
  return new DataView(head.buffer, head.byteOffset).getUint32(8, signature.littleEndian) === STACK_STAMP;
}

async function has(input: InputTree, folder: string, name: RegExp): Promise<boolean> {
  return (await input.list(folder)).some((entry) => !entry.folder && name.test(entry.name));
}

/** Folders of positions below the opened one ('' = itself) that hold separate images; of the first `most` alone. */
export async function imageFolders(input: InputTree, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const found: string[] = [];
  const folders = (await input.list('')).filter((entry) => entry.folder).map((entry) => entry.name);
  for (const folder of ['', ...folders.slice(0, most)]) {
    if ((await has(input, folder, /^metadata\.txt$/i)) && (await has(input, folder, IMAGE))) found.push(folder);
  }
  return found;
}

/** Names of the stacks in the opened folder. */
export async function stackNames(input: InputTree): Promise<string[]> {
  return (await input.list('')).filter((entry) => !entry.folder && STACK.test(entry.name)).map((entry) => entry.name);
}

export const micromanager: FormatReader = {
  id: 'micromanager',
  name: 'Micro-Manager',
  extensions: ['.tif', '.txt'],
  structure:
    'Separate images: a folder with metadata.txt and img_….tif, or one with such a folder for each position. Stacks: …_MMStack_….tif. Open the folder, metadata.txt or one of the images.',
  reads: [
    'separate images and stacks of Micro-Manager 1.4 and 2.0; several positions; aborted acquisitions',
    'stacks whose OME-XML is missing or broken (others open as OME-TIFF)',
    'pixel size, z step, interval, channels, exposure, time and stage position of every plane, camera',
  ],
  gaps: ['custom axes are images of their own'],
  probe({ head, name, isFolder }): Verdict {
    if (isFolder) return { score: 25, why: 'a folder, which may hold an acquisition' };
    if (isStack(head)) return { score: 50, why: 'Micro-Manager stamp in a TIFF header' };
    if (tiffSignature(head) && IMAGE.test(name)) return { score: 50, why: 'TIFF named like a separate image' };
    const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 512)).toString('latin1');
    if (/^\s*\{\s*"(Summary|FrameKey-|Coords-|Metadata-)/.test(text)) {
      return { score: 75, why: 'JSON of an acquisition' };
    }
    return { score: 0, why: 'neither metadata.txt nor a stack' };
  },
  async identify(input): Promise<Verdict> {
    if (input.isFolder) {
      // Other data sets may have thousands of folders: a few tell.
      if ((await imageFolders(input, 3)).length > 0) return { score: 75, why: `images with ${METADATA}` };
      const [stack] = await stackNames(input);
      return stack ? { score: 75, why: `stack ${stack}` } : { score: 0, why: 'no acquisition in it' };
    }
    // OME-TIFF says 100 where the OME-XML is there.
    if (isStack(input.head)) return { score: 75, why: 'Micro-Manager stamp in the TIFF header' };
    const beside = IMAGE.test(input.name) && (await has(input, '', /^metadata\.txt$/i));
    return beside ? { score: 100, why: `${METADATA} is beside it` } : { score: 0, why: `no ${METADATA} beside it` };
  },
  async open(input, options) {
    const { openMicromanager } = await import('./reader.js');
    return openMicromanager(input, options);
  },
};
