// Micro-Manager's JSON metadata: plain values, or property maps whose values are { PropType, PropVal }.

/** Keys as written. */
export type MmObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is MmObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Object in JSON text, padding and NULs around it forgiven; undefined where there is none. */
export function parseObject(input: Uint8Array | string): MmObject | undefined {
  const text = typeof input === 'string' ? input : Buffer.from(input.buffer, input.byteOffset, input.length).toString();
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(start, end + 1));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Value of a key, out of its property if it is one. */
export function valueAt(object: MmObject | undefined, key: string): unknown {
  if (!object || !Object.hasOwn(object, key)) return undefined;
  const value = object[key];
  return isObject(value) && 'PropVal' in value ? value.PropVal : value;
}

/** Number, or text that is one; undefined for empty texts and others. */
export function numberOf(object: MmObject | undefined, ...keys: string[]): number | undefined {
  for (const key of keys) {
    const value = valueAt(object, key);
    const number =
      typeof value === 'number' ? value : typeof value === 'string' && value.trim() ? Number(value) : Number.NaN;
    if (Number.isFinite(number)) return number;
  }
  return undefined;
}

/** Text that is not empty. */
export function textOf(object: MmObject | undefined, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = valueAt(object, key);
    if (typeof value === 'string' && value.trim()) return value.trim();
  }
  return undefined;
}

/** Every value with the path of its keys. */
export function flatten(object: MmObject, prefix = ''): { key: string; value: string }[] {
  const rows: { key: string; value: string }[] = [];
  for (const key of Object.keys(object)) {
    const value = valueAt(object, key);
    if (isObject(value)) rows.push(...flatten(value, `${prefix}${key} `));
    else if (value !== null && value !== undefined)
      rows.push({ key: `${prefix}${key}`, value: typeof value === 'object' ? JSON.stringify(value) : String(value) });
  }
  return rows;
}
