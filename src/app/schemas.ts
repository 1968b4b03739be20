// What programs read: the shapes of all machine output, as schemas. Types come from them; the schema library itself loads only when
// `imgconv schema` or a test asks for it.

import { z } from 'zod';

const quantity = z.object({ value: z.number(), unit: z.string() }).describe('a number with an OME unit symbol');
const notice = z.object({
  code: z.string(),
  rank: z.enum(['info', 'loss', 'damage']),
  text: z.string(),
});
const sizes = {
  sizeX: z.int().min(1),
  sizeY: z.int().min(1),
  sizeZ: z.int().min(1),
  sizeC: z.int().min(1).describe('samples: an RGB channel counts 3'),
  sizeT: z.int().min(1),
};
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const level = z.object({
  sizeX: z.int(),
  sizeY: z.int(),
  layout: z.enum(['grid', 'placed']),
  block: z
    .object({ sizeX: z.int(), sizeY: z.int(), sizeZ: z.int() })
    .optional()
    .describe('stored tiles, strips or chunks'),
  blocks: z.int().describe('stored blocks'),
  absent: z.int().optional().describe('blocks without data, where the list of blocks tells'),
  codecs: z.array(z.string()).describe('applied first to last to decode; several variants are joined by |'),
});

const channel = z.object({
  name: z.string().optional(),
  samples: z.int(),
  color: z.string().optional().describe('#RRGGBB'),
  fluor: z.string().optional(),
  excitation: quantity.optional(),
  emission: quantity.optional(),
  acquisitionMode: z.string().optional(),
  contrastMethod: z.string().optional(),
  exposureTime: quantity.optional().describe('of the first plane'),
});

const image = z.object({
  index: z.int(),
  name: z.string(),
  role: z.enum(['pixels', 'label', 'macro', 'thumbnail', 'preview']),
  type: z.string().describe('of the pixels as read'),
  significantBits: z.int().optional(),
  ...sizes,
  physicalSizeX: quantity.optional(),
  physicalSizeY: quantity.optional(),
  physicalSizeZ: quantity.optional(),
  timeIncrement: quantity.optional(),
  acquisitionDate: z.string().optional(),
  description: z.string().optional(),
  channels: z.array(channel),
  levels: z.array(level),
  objective: z.record(z.string(), z.unknown()).optional(),
  microscope: z.record(z.string(), z.unknown()).optional(),
  stage: z
    .object({ x: quantity.optional(), y: quantity.optional(), z: quantity.optional() })
    .optional()
    .describe('of the first plane'),
  positions: z.int().optional().describe('different stage positions of planes'),
  times: z
    .object({ first: quantity, last: quantity })
    .optional()
    .describe('of planes since the beginning: the earliest and the latest'),
  planes: z.int().describe('planes with metadata of their own'),
  indexed: z.boolean().optional().describe('pixels are indices into a colour table'),
  labels: z.array(z.string()).optional(),
  rois: z.int().optional(),
  hash: sha256.optional(),
});

export const info = z.object({
  path: z.string(),
  format: z.string(),
  formatName: z.string(),
  confidence: z.int().min(0).max(100),
  why: z.string(),
  verdicts: z.array(z.object({ reader: z.string(), score: z.int(), why: z.string() })).optional(),
  bytesRead: z.int().describe('to find out all this'),
  bytes: z.int().describe('of all files that belong to it'),
  files: z.array(z.object({ path: z.string(), bytes: z.int() })),
  missing: z.array(z.string()),
  images: z.array(image),
  plates: z.array(
    z.object({
      name: z.string().optional(),
      rows: z.int().optional(),
      columns: z.int().optional(),
      wells: z.array(z.string()),
      fields: z.int(),
      acquisitions: z.int(),
    }),
  ),
  originalMetadata: z.union([
    z.int(),
    z.array(z.object({ image: z.int().optional(), key: z.string(), value: z.string() })),
  ]),
  notices: z.array(notice),
});

const planeHash = z.object({ t: z.int(), c: z.int(), z: z.int(), sha256 });

export const hash = z.object({
  path: z.string(),
  algorithm: z.literal('imgconv-plane-sha256-1'),
  images: z.array(
    z.object({
      index: z.int(),
      name: z.string(),
      type: z.string(),
      ...sizes,
      sha256,
      planes: z.array(planeHash).optional(),
      damaged: z.int(),
    }),
  ),
});

const difference = z.object({
  image: z.int().optional(),
  kind: z.enum(['images', 'size', 'type', 'pixels', 'metadata']),
  what: z.string(),
  a: z.string().optional(),
  b: z.string().optional(),
});

const box = z.object({ x: z.int(), y: z.int(), sizeX: z.int(), sizeY: z.int() });

const pixelComparison = z.object({
  a: z.int().describe('index of the image in A'),
  b: z.int().describe('index of the image in B'),
  name: z.string(),
  planes: z.int(),
  equal: z.int().describe('planes whose pixels are all the same'),
  sha256A: sha256.describe('content hash, see `imgconv hash`'),
  sha256B: sha256,
  damaged: z.int().describe('blocks that are absent or broken in either'),
  largest: z.number().describe('largest difference of two pixels'),
  different: z.int().describe('pixels that differ, in all planes'),
  psnr: z
    .number()
    .optional()
    .describe('decibels, against the range of the type or, for floating point, of A; absent where all is equal'),
  first: z
    .object({ t: z.int(), c: z.int(), z: z.int(), y: z.int(), x: z.int() })
    .optional()
    .describe('first pixel that differs'),
  firstPlane: z
    .object({ t: z.int(), c: z.int(), z: z.int(), different: z.int(), largest: z.number(), box })
    .optional()
    .describe('first plane with pixels that differ, how many they are, and the box around them'),
  box: box.optional().describe('around the pixels that differ in any plane'),
});

export const comparison = z.object({
  a: z.string(),
  b: z.string(),
  equal: z.boolean(),
  pixels: z.array(pixelComparison),
  differences: z.array(difference),
});

export const verification = comparison.extend({
  lossless: z.boolean().describe('every plane of the output equals the source'),
  software: z.string(),
});

const finding = z.object({
  rule: z.string().describe('stable id'),
  severity: z.enum(['error', 'warning', 'info']),
  where: z.string().describe('place inside the input; empty: the input itself'),
  message: z.string().describe('what was found'),
  advice: z.string().describe('what to do'),
  clause: z.string().describe('specification and part of it'),
});

export const validation = z.object({
  path: z.string(),
  kind: z.enum(['ome-zarr', 'zarr', 'ome-tiff', 'ome-xml']).describe('zarr: without OME-NGFF metadata'),
  level: z.enum(['metadata', 'structure', 'pixels']),
  profile: z.enum(['omero', 'idr', 'bia', 'viewer', 'strict']).optional(),
  valid: z.boolean().describe('no errors'),
  errors: z.int(),
  warnings: z.int(),
  infos: z.int(),
  dropped: z.int().describe('findings beyond 200 of a rule, which are not listed'),
  findings: z.array(finding),
});

export type Info = z.infer<typeof info>;
export type ValidationReport = z.infer<typeof validation>;
export type ImageInfo = z.infer<typeof image>;
export type HashReport = z.infer<typeof hash>;
export type Comparison = z.infer<typeof comparison>;
export type Difference = z.infer<typeof difference>;
export type PixelComparison = z.infer<typeof pixelComparison>;
export type Verification = z.infer<typeof verification>;

export const schemas = { info, hash, diff: comparison, verify: verification, validate: validation } as const;

/** JSON Schema (2020-12) of one kind of output. */
export function jsonSchema(name: keyof typeof schemas): unknown {
  return z.toJSONSchema(schemas[name], { target: 'draft-2020-12' });
}
