// Micro-Manager acquisitions: separate images with metadata.txt, and stacks. Layout and sources: NOTES.md.

import { instrumentOf, summaryFacts } from '../../src/containers/micromanager/facts.js';
import { isObject, type MmObject, valueAt } from '../../src/containers/micromanager/json.js';
import { tiffSignature } from '../../src/containers/tiff/file.js';
import { levelOfFiles } from '../../src/containers/tiff/file-set.js';
import type { ByteSource, Dataset, ImageSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeImage } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import { imageFolders, isStack, METADATA } from './format.js';
import { type Frame, framesOfMetadata, parseMetadata } from './frames.js';
import { describe, imagesOf, originalMetadata } from './model.js';
import { type Acquisition, readStacks } from './stacks.js';

const LISTED = 20;

async function readSeparate(input: InputTree, folders: readonly string[], options: OpenOptions): Promise<Acquisition> {
  let summary: MmObject | undefined;
  const frames: Frame[] = [];
  const files: string[] = [];
  for (const folder of folders) {
    const base = folder ? `${folder}/` : '';
    const listed = (await input.list(folder)).find((entry) => entry.name.toLowerCase() === METADATA);
    const name = !input.isFolder && !tiffSignature(input.head) ? input.name : base + (listed?.name ?? METADATA);
    const bytes = await input.readSmall(name, options.limits.metadataBytes);
    const file = `${input.root}/${name}`;
    if (!bytes) throw new ImgconvError('io', 'NOT_FOUND', `${file}: no such file`, { file });
    const root = parseMetadata(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    );
    if (!root) throw formatError('MM_METADATA', `${file}: is no JSON object`, { file });
    const found = valueAt(root, 'Summary');
    summary ??= isObject(found) ? found : undefined;
    frames.push(...framesOfMetadata(root, base));
    files.push(file);
  }
  return { summary, frames, files };
}

async function readAcquisition(input: InputTree, options: OpenOptions): Promise<Acquisition> {
  if (!input.isFolder) return isStack(input.head) ? readStacks(input, options) : readSeparate(input, [''], options);
  const folders = await imageFolders(input);
  return folders.length > 0 ? readSeparate(input, folders, options) : readStacks(input, options);
}

/** Files that do not exist are undefined. */
async function openIfThere(input: InputTree, name: string): Promise<ByteSource | undefined> {
  try {
    return await input.open(name);
  } catch (error) {
    if (error instanceof ImgconvError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

export async function openMicromanager(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const { summary, frames, files } = await readAcquisition(input, options);
  if (frames.length === 0)
    throw formatError('MM_EMPTY', `${input.path}: the metadata name no image`, { file: input.path });
  const layouts = imagesOf(frames);
  if (layouts.length > options.limits.images) {
    const text = `${input.path}: ${layouts.length} images, the limit is ${options.limits.images}`;
    throw new ImgconvError('limit', 'IMAGE_COUNT', text, { file: input.path });
  }
  const camera = layouts.map((each) => instrumentOf(each.frames[0]!.metadata)).find((each) => each.instrument);
  const images: ImageSource[] = [];
  const omeImages: OmeImage[] = [];
  const kept: typeof layouts = [];
  const missing: string[] = [];
  const broken: string[] = [];
  const used = new Set(files);
  for (const layout of layouts) {
    const planes = layout.frames.map(({ t, c, zIndex, file, page }) => ({ t, c, z: zIndex, name: file, page }));
    const found = await levelOfFiles(planes, layout.counts, (name) => openIfThere(input, name), options);
    missing.push(...found.missing);
    broken.push(...found.broken);
    for (const file of found.files) used.add(file);
    if (!found.level || !found.type) {
      const text = `${layout.label} is left out: none of its ${planes.length} images can be read`;
      options.notice({ code: 'MM_POSITION', rank: 'damage', text });
      continue;
    }
    const { level, type, samples } = found;
    const name = layouts.length > 1 ? `${input.name} ${layout.label}` : input.name;
    const index = images.length;
    images.push({ name, role: 'pixels', type, levels: [level] });
    omeImages.push(describe(index, name, layout, summary, { shape: level.shape, type, samples }, camera !== undefined));
    kept.push(layout);
  }
  for (const name of missing.slice(0, LISTED)) {
    options.notice({
      code: 'FILE_MISSING',
      rank: 'damage',
      text: `an image that the metadata list is missing: ${name}`,
    });
  }
  for (const text of broken.slice(0, LISTED)) {
    options.notice({ code: 'FILE_BROKEN', rank: 'damage', text: `an image is left out: ${text}` });
  }
  if (images.length === 0) {
    const text = `${input.path}: none of its images can be read, first: ${missing[0] ?? broken[0]}`;
    throw new ImgconvError('io', 'NOT_FOUND', text, { file: input.path });
  }
  const { user } = summaryFacts(summary);
  return {
    format: 'micromanager',
    ome: defined({
      Images: omeImages,
      Instruments: camera?.instrument ? [camera.instrument] : undefined,
      Experimenters: user ? [{ ID: 'Experimenter:0', UserName: user }] : undefined,
    }),
    images,
    original: originalMetadata(summary, kept),
    files: [...used],
    missing: missing.length > 0 ? missing : undefined,
  };
}
