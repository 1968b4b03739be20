// Encodes one block as a JPEG 2000 code stream of one tile: reversible (5/3), or irreversible (9/7) at a number of bits a pixel.

import { unsupported } from '../../core/errors.js';
import type { Kernels } from '../../kernels/kernels.js';
import type { BlockInfo } from '../contract.js';
import { sampleSize } from '../image-block.js';
import { BitsOut, TagTreeOut } from './bits-out.js';
import { layOut, type PrecinctBand, type Resolution } from './geometry.js';
import type { Coding } from './header.js';
import { allocate, type CodedBlock } from './rate.js';

const BLOCK = 6;
const MAX_PASSES = 3 * 32;
/** Quantisation of a band, in sample units, before its norm is divided out. */
const BASE_STEP = 0.5;
/** Squared norms of the irreversible colour transform's components. */
const COLOR_WEIGHTS = [3, 3.26, 2.47];

export interface EncodeOptions {
  /** Absent: lossless. */
  readonly bitsPerPixel?: number;
}

export function encodeCodeStream(
  kernels: Kernels,
  input: Uint8Array,
  block: BlockInfo,
  options: EncodeOptions,
): Uint8Array {
  return new Encoder(kernels, input, block, options).run();
}

class Encoder {
  private readonly width: number;
  private readonly height: number;
  private readonly size: number;
  private readonly bits: number;
  private readonly signed: boolean;
  private readonly levels: number;
  private readonly color: boolean;
  private readonly coded = new Map<PrecinctBand, CodedBlock[]>();
  private guard = 2;

  constructor(
    private readonly kernels: Kernels,
    private readonly input: Uint8Array,
    private readonly block: BlockInfo,
    private readonly options: EncodeOptions,
  ) {
    this.width = block.width;
    this.height = block.height * block.depth;
    this.size = sampleSize(block);
    if (this.size > 2 || block.type === 'float')
      throw unsupported('JPEG2000_ENCODE', `JPEG 2000 cannot hold ${block.type} here`);
    this.bits = 8 * this.size;
    this.signed = block.type.startsWith('int');
    this.levels = Math.min(5, Math.floor(Math.log2(Math.min(this.width, this.height))));
    this.color = block.samples === 3;
  }

  private get lossy(): boolean {
    return this.options.bitsPerPixel !== undefined;
  }

  run(): Uint8Array {
    const { samples } = this.block;
    const planes = this.loadPlanes();
    const coding = this.codingOf();
    const area = { x0: 0, y0: 0, x1: this.width, y1: this.height };
    const components = planes.map((plane, i) => {
      const resolutions = layOut(area, coding, this.bits, 1, 1);
      this.transform(plane, resolutions);
      this.codeBlocks(plane, resolutions, this.lossy && this.color ? COLOR_WEIGHTS[i]! / 3 : 1);
      return resolutions;
    });
    const blocks = [...this.coded.values()].flat();
    if (this.options.bitsPerPixel !== undefined) {
      const budget = (this.options.bitsPerPixel * this.width * this.height) / 8;
      allocate(blocks, Math.max(0, budget - 100 - 2 * samples * (this.levels + 1)));
    }
    // Guard bits: what the largest coefficient needs beyond its band's nominal range.
    for (const [part, list] of this.coded) {
      const most = Math.max(0, ...list.map((b) => b.planes));
      this.guard = Math.max(this.guard, most - (part.band.planes - coding.guard));
    }
    const packets: Uint8Array[] = [];
    for (let r = 0; r <= this.levels; r++) {
      for (const resolutions of components) {
        for (const precinct of resolutions[r]!.precincts) packets.push(...this.packet(precinct.bands, coding));
      }
    }
    return this.assemble(coding, packets);
  }

  /** Samples in planes of i32, or f32 for irreversible coding. */
  private loadPlanes(): number[] {
    const { kernels, width, height, size, block } = this;
    const { x } = kernels;
    const count = width * height;
    const source = kernels.place(this.input, 'jpeg2000.raw');
    const float = this.lossy ? 1 : 0;
    const shift = this.signed ? 0 : 2 ** (this.bits - 1);
    const planes = Array.from({ length: block.samples }, (_, i) => {
      const plane = kernels.scratch(`jpeg2000.encode${i}`, count * 4 + 64);
      x.j2kLoad(plane, source + i * size, count, block.samples, size, this.signed ? 1 : 0, shift, float);
      return plane;
    });
    if (this.color) x.j2kForwardColor(planes[0]!, planes[1]!, planes[2]!, count, float);
    return planes;
  }

  private codingOf(): Coding {
    const { bits, levels, lossy } = this;
    const bands = Array.from({ length: 3 * levels + 1 }, (_, i) => {
      const kind = i === 0 ? 0 : ((i - 1) % 3) + 1;
      if (!lossy) return [bits + (kind === 0 ? 0 : kind === 3 ? 2 : 1), 0] as const;
      const depth = i === 0 ? levels : levels - Math.floor((i - 1) / 3);
      return stepOf(BASE_STEP / this.norm(depth, kind), bits);
    });
    return {
      levels,
      blockWidth: BLOCK,
      blockHeight: BLOCK,
      style: 0,
      reversible: !lossy,
      precincts: [],
      quantStyle: lossy ? 2 : 0,
      guard: 2,
      steps: bands,
      region: 0,
    };
  }

  /** L2 norm of what one coefficient of a band becomes: products of one-dimensional norms, which the inverse transform itself shows. */
  private norm(depth: number, kind: number): number {
    const { kernels } = this;
    const side = (high: boolean) => {
      const length = 32 * 2 ** depth;
      const plane = kernels.scratch('jpeg2000.norm', length * 4 + 64);
      const scratch = kernels.scratch('jpeg2000.lines', kernels.x.j2kSynthesisMemory(length, 1));
      const line = new Float32Array(kernels.x.memory.buffer, plane, length);
      line.fill(0);
      line[high ? 48 : 16] = 1;
      for (let d = depth - 1; d >= 0; d--) kernels.x.j2kSynthesise(plane, length, length / 2 ** d, 1, 0, 0, 1, scratch);
      return Math.hypot(...new Float32Array(kernels.x.memory.buffer, plane, length));
    };
    if (depth === 0) return 1;
    return side((kind & 1) !== 0) * side((kind & 2) !== 0);
  }

  private transform(plane: number, resolutions: readonly Resolution[]): void {
    const { kernels, width, height, lossy } = this;
    const { x } = kernels;
    const scratch = kernels.scratch('jpeg2000.lines', x.j2kSynthesisMemory(width, height));
    for (const { x1, y1 } of resolutions.slice(1).reverse()) x.j2kAnalyse(plane, width, x1, y1, lossy ? 1 : 0, scratch);
    if (!lossy) return;
    for (const { bands } of resolutions) {
      for (const { left, top, x0, x1, y0, y1, step } of bands) {
        if (x1 > x0 && y1 > y0) x.j2kQuantise(plane + (top * width + left) * 4, width, x1 - x0, y1 - y0, 1 / step);
      }
    }
  }

  private codeBlocks(plane: number, resolutions: readonly Resolution[], weight: number): void {
    const { kernels, width } = this;
    const side = 2 ** BLOCK;
    const memory = kernels.scratch('jpeg2000.block', kernels.x.j2kBlockMemory(side, side));
    // Bytes of a block at most, with room for the carry before them.
    const capacity = side * side * 8;
    const table = kernels.scratch('jpeg2000.passes', MAX_PASSES * 16 + 64 + capacity);
    const result = table + MAX_PASSES * 16;
    const dst = result + 48;
    for (const { precincts } of resolutions) {
      for (const { bands } of precincts) {
        for (const part of bands) {
          const { band, blocks } = part;
          const orientation = band.kind === 1 ? 1 : band.kind === 3 ? 2 : 0;
          const units = this.lossy ? BASE_STEP * BASE_STEP * weight : 1;
          const list = blocks.map((block): CodedBlock => {
            const at = (block.y0 - band.y0 + band.top) * width + block.x0 - band.x0 + band.left;
            const [w, h] = [block.x1 - block.x0, block.y1 - block.y0];
            kernels.x.j2kEncodeBlock(memory, plane + at * 4, width, w, h, orientation, dst, table, result);
            const { buffer } = kernels.x.memory;
            const [planes, passes, bytes] = new Int32Array(buffer, result, 3);
            const numbers = new Float64Array(buffer, table, 2 * passes!);
            return {
              planes: planes!,
              bytes: kernels.view(dst, bytes!).slice(),
              passes: Array.from({ length: passes! }, (_, i) => ({
                bytes: numbers[2 * i]!,
                gain: numbers[2 * i + 1]! * units,
              })),
              kept: passes!,
              keptBytes: bytes!,
            };
          });
          this.coded.set(part, list);
        }
      }
    }
  }

  /** Header and bytes of a packet: the code-blocks of a precinct. */
  private packet(bands: readonly PrecinctBand[], coding: Coding): Uint8Array[] {
    const header = new BitsOut();
    const bodies: Uint8Array[] = [];
    header.bit(1);
    for (const part of bands) {
      const list = this.coded.get(part)!;
      const { blocks, band } = part;
      const across = blocks.length === 0 ? 0 : blocks.filter((b) => b.y0 === blocks[0]!.y0).length;
      const down = across === 0 ? 0 : blocks.length / across;
      const nominal = band.planes - coding.guard + this.guard;
      const inclusion = new TagTreeOut(
        across,
        down,
        list.map((b) => (b.kept > 0 ? 0 : 1)),
      );
      const zeros = new TagTreeOut(
        across,
        down,
        list.map((b) => nominal - b.planes),
      );
      list.forEach((coded, i) => {
        inclusion.write(header, i, 1);
        if (coded.kept === 0) return;
        zeros.write(header, i, nominal - coded.planes + 1);
        writePasses(header, coded.kept);
        const log = Math.floor(Math.log2(coded.kept));
        const needed = Math.max(3, Math.floor(Math.log2(Math.max(1, coded.keptBytes))) + 1 - log);
        for (let extra = 3; extra < needed; extra++) header.bit(1);
        header.bit(0);
        header.bits(coded.keptBytes, needed + log);
        bodies.push(coded.bytes.subarray(0, coded.keptBytes));
      });
    }
    return [Uint8Array.from(header.flush()), ...bodies];
  }

  private assemble(coding: Coding, packets: readonly Uint8Array[]): Uint8Array {
    const { width, height, bits, levels } = this;
    const { samples } = this.block;
    const head: number[] = [0xff, 0x4f];
    const u16 = (value: number) => [value >> 8, value & 255];
    const u32 = (value: number) => [...u16(Math.floor(value / 65536)), ...u16(value % 65536)];
    const segment = (marker: number, body: readonly number[]) =>
      head.push(0xff, marker, ...u16(body.length + 2), ...body);
    const depth = (this.signed ? 0x80 : 0) | (bits - 1);
    const grid = [width, height, 0, 0, width, height, 0, 0].flatMap(u32);
    segment(0x51, [0, 0, ...grid, ...u16(samples), ...Array.from({ length: samples }, () => [depth, 1, 1]).flat()]);
    // LRCP, one layer; 64 × 64 blocks; 0 = 9/7, 1 = 5/3.
    segment(0x52, [0, 0, 0, 1, this.color ? 1 : 0, levels, BLOCK - 2, BLOCK - 2, 0, this.lossy ? 0 : 1]);
    const steps = coding.steps.flatMap(([exponent, mantissa]) =>
      this.lossy ? u16((exponent << 11) | mantissa) : [exponent << 3],
    );
    segment(0x5c, [(this.guard << 5) | coding.quantStyle, ...steps]);
    const total = packets.reduce((sum, p) => sum + p.length, 0);
    segment(0x90, [0, 0, ...u32(total + 14), 0, 1]);
    head.push(0xff, 0x93);
    const out = new Uint8Array(head.length + total + 2);
    out.set(head);
    let at = head.length;
    for (const packet of packets) {
      out.set(packet, at);
      at += packet.length;
    }
    out.set([0xff, 0xd9], at);
    return out;
  }
}

/** Exponent and mantissa of a step (T.800 E-3), as near as they come. */
function stepOf(step: number, bits: number): readonly [exponent: number, mantissa: number] {
  const log = Math.floor(Math.log2(step));
  const mantissa = Math.min(2047, Math.floor((step / 2 ** log - 1) * 2048));
  return [Math.min(31, Math.max(0, bits - log)), mantissa];
}

/** Number of passes (table B.4). */
function writePasses(bits: BitsOut, n: number): void {
  if (n === 1) bits.bit(0);
  else if (n === 2) bits.bits(0b10, 2);
  else if (n <= 5) bits.bits(0b1100 | (n - 3), 4);
  else if (n <= 36) bits.bits(0b1111_00000 | (n - 6), 9);
  else bits.bits(0b1_1111_1111 * 128 + (n - 37), 16);
}
