// Base64 text to bytes (RFC 4648), as XML keeps binary data; white space inside is skipped. Encoding writes one line without breaks.

import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';

export const base64: Codec = {
  id: 'base64',
  decode(input, _step, context) {
    const most = Math.ceil((input.length * 3) / 4);
    if (most > 4 * context.maxBytes) {
      throw formatError('BASE64_SIZE', `base64 text of ${input.length} bytes in a block of ${context.block.bytes}`);
    }
    // A view on kernel memory must be copied before the text is made of it.
    return Buffer.from(Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('latin1'), 'base64');
  },
  encode(input) {
    return Buffer.from(Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('base64'), 'latin1');
  },
};
