// Many small reads with a few in flight: metadata files, companion files.

import pLimit from 'p-limit';

const LANES = 16;

/** Map in order, at most 16 at a time. After a failure nothing more is begun; it is thrown when the running ones have ended. */
export async function mapLanes<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const limit = pLimit(LANES);
  let failure: { readonly error: unknown } | undefined;
  const results: R[] = [];
  const one = async (item: T, index: number): Promise<void> => {
    if (failure) return;
    try {
      results[index] = await work(item, index);
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(items.map((item, index) => limit(one, item, index)));
  if (failure) throw (failure as { error: unknown }).error;
  return results;
}
