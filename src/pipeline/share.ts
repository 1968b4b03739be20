// Typed arrays of a job, moved into shared memory so that workers see one copy of them.

type Numbers = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** Below this a plain copy for each worker is cheaper. */
const WORTHWHILE = 4096;

function shared(array: Numbers): Numbers {
  if (array.byteLength < WORTHWHILE || array.buffer instanceof SharedArrayBuffer) return array;
  const memory = new SharedArrayBuffer(array.byteLength);
  const copy = new (array.constructor as new (buffer: SharedArrayBuffer) => Numbers)(memory);
  copy.set(array);
  return copy;
}

/** A copy of plain data in which every large typed array is backed by shared memory. Equal parts stay equal. */
export function shareArrays<T>(value: T, known = new Map<object, unknown>()): T {
  if (typeof value !== 'object' || value === null) return value;
  const before = known.get(value);
  if (before !== undefined) return before as T;
  let result: unknown;
  if (ArrayBuffer.isView(value)) {
    result = shared(value as unknown as Numbers);
    known.set(value, result);
  } else if (Array.isArray(value)) {
    const list: unknown[] = [];
    known.set(value, list);
    for (const item of value) list.push(shareArrays(item, known));
    result = list;
  } else {
    const copy: Record<string, unknown> = {};
    known.set(value, copy);
    for (const [key, item] of Object.entries(value)) copy[key] = shareArrays(item, known);
    result = copy;
  }
  return result as T;
}
