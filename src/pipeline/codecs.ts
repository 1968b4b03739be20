// Codec chains at work: modules are loaded once a thread, then run synchronously where they can.

import type { BlockInfo, Codec, CodecContext } from '../codecs/contract.js';
import { codecTable } from '../codecs/table.js';
import type { Chain } from '../core/blocks.js';
import { unsupported } from '../core/errors.js';

export class Codecs {
  readonly #loaded = new Map<string, Codec>();

  /** Load every codec that the chains name. Errors: unsupported CODEC. */
  async prepare(chains: Iterable<Chain>): Promise<void> {
    for (const chain of chains) {
      for (const step of chain.codecs) {
        if (this.#loaded.has(step.id)) continue;
        const load = codecTable.get(step.id);
        if (!load) throw unsupported('CODEC', `compression '${step.id}' is not supported`);
        this.#loaded.set(step.id, await load());
      }
    }
  }

  /** Stored bytes to pixels. Returns a promise only if a codec of the chain does. */
  decode(input: Uint8Array, chain: Chain, context: CodecContext): Uint8Array | Promise<Uint8Array> {
    return this.#run(input, chain, context, 0);
  }

  #run(input: Uint8Array, chain: Chain, context: CodecContext, from: number): Uint8Array | Promise<Uint8Array> {
    let bytes = input;
    for (let i = from; i < chain.codecs.length; i++) {
      const step = chain.codecs[i]!;
      const codec = this.#loaded.get(step.id);
      if (!codec?.decode) throw unsupported('CODEC_DECODE', `compression '${step.id}' cannot be read`);
      const result = codec.decode(bytes, step, context);
      if (result instanceof Promise) return result.then((next) => this.#run(next, chain, context, i + 1));
      bytes = result;
    }
    return bytes;
  }

  /** Whether stored bytes are the block that their place promises, to be handed on as they are. */
  fits(input: Uint8Array, chain: Chain, block: BlockInfo): boolean {
    const [step] = chain.codecs;
    const codec = step && this.#loaded.get(step.id);
    return !codec?.fits || codec.fits(input, step!, block);
  }

  /** Pixels to stored bytes: the chain backwards. */
  encode(input: Uint8Array, chain: Chain, context: CodecContext): Uint8Array | Promise<Uint8Array> {
    return this.#back(input, chain, context, chain.codecs.length - 1);
  }

  #back(input: Uint8Array, chain: Chain, context: CodecContext, from: number): Uint8Array | Promise<Uint8Array> {
    let bytes = input;
    for (let i = from; i >= 0; i--) {
      const step = chain.codecs[i]!;
      const codec = this.#loaded.get(step.id);
      if (!codec?.encode) throw unsupported('CODEC_ENCODE', `compression '${step.id}' cannot be written`);
      const result = codec.encode(bytes, step, context);
      if (result instanceof Promise) return result.then((next) => this.#back(next, chain, context, i - 1));
      bytes = result;
    }
    return bytes;
  }
}
