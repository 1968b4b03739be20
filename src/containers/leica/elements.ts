// The tree of elements: folders and images, with the names along the way.

import { child, children, path, type XmlElement } from '../xml/element.js';

/** A part of an image's memory that is a file of its own (XLIF). */
export interface Frame {
  /** As named: relative to the XLIF, '/'-separated. */
  readonly file: string;
  /** Bytes from the start of the image's memory, and how many. */
  readonly offset: number;
  readonly length: number;
}

export interface LeicaImage {
  /** Names from below the root on, joined by '/'. */
  readonly name: string;
  /** Data/Image. */
  readonly image: XmlElement;
  readonly memoryId: string;
  readonly frames: readonly Frame[];
}

const MAX_DEPTH = 100;

/** File names in metadata are percent-encoded and have '\' on their way. */
export function fileName(text: string): string {
  let name = text;
  try {
    name = decodeURIComponent(text);
  } catch {
    // Not encoded: a '%' of its own.
  }
  return name.replaceAll('\\', '/');
}

function framesOf(memory: XmlElement | undefined): Frame[] {
  return (memory?.children ?? []).flatMap((block) => {
    const file = block.attribute('File');
    if (file === undefined) return [];
    return [
      {
        file: fileName(file),
        offset: Number(block.attribute('Offset') ?? 0),
        length: Number(block.attribute('Size') ?? 0),
      },
    ];
  });
}

export interface Found {
  readonly images: readonly LeicaImage[];
  /** Names of photon records (FLIM), whose pixels are in a format of their own. */
  readonly photons: readonly string[];
}

/** Images below `root`, in document order. `top`: the outermost element counts in the names. */
export function findImages(root: XmlElement, top = false): Found {
  const images: LeicaImage[] = [];
  const photons: string[] = [];
  const visit = (element: XmlElement, names: readonly string[], depth: number): void => {
    const data = child(element, 'Data');
    const image = child(data, 'Image');
    const name = names.join('/');
    if (image && path(image, 'ImageDescription/Dimensions')) {
      const memory = child(element, 'Memory');
      images.push({ name, image, memoryId: memory?.attribute('MemoryBlockID') ?? '', frames: framesOf(memory) });
    } else if (child(data, 'SingleMoleculeDetection')) photons.push(name);
    if (depth < MAX_DEPTH)
      for (const each of children(child(element, 'Children'), 'Element'))
        visit(each, [...names, each.attribute('Name') ?? ''], depth + 1);
  };
  // Older LOF files begin with the data of their one element.
  const first = root.name === 'Element' || root.name === 'Data' ? [root] : children(root, 'Element');
  for (const element of first) {
    const name = element.attribute('Name');
    if (root.name === 'Data') visitBare(root, images);
    else visit(element, top && name ? [name] : [], 0);
  }
  return { images: images.map((each) => (each.name ? each : { ...each, name: rootName(root) })), photons };
}

function visitBare(data: XmlElement, images: LeicaImage[]): void {
  const image = child(data, 'Image');
  if (image) images.push({ name: '', image, memoryId: '', frames: [] });
}

function rootName(root: XmlElement): string {
  return (root.name === 'Element' ? root : child(root, 'Element'))?.attribute('Name') ?? '';
}
