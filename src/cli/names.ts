// Paths on the command line, or names from stdin.

/** Names from stdin, one a line, or with NUL between them (`find -print0`). */
export async function readNames(): Promise<string[]> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  // Lists made on Windows begin with a byte order mark.
  const text = Buffer.concat(parts)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const lines = text.includes('\0') ? text.split('\0') : text.split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '');
}

/** The paths with `-` replaced by the names from stdin. */
export async function namedPaths(paths: readonly string[]): Promise<string[]> {
  const list: string[] = [];
  for (const path of paths) {
    if (path === '-') list.push(...(await readNames()));
    else list.push(path);
  }
  return list;
}
