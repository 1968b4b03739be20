// How many cores this process was granted: by its affinity, by its container (cgroup v1 and v2), by the scheduler that started it.

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Cores from `quota period` in microseconds of CPU time; undefined where there is no limit. */
function quotaCores(quota: number, period: number): number | undefined {
  return quota > 0 && period > 0 ? Math.max(1, Math.ceil(quota / period)) : undefined;
}

/** cgroup v2 `cpu.max` of this process's group and of all above it; v1 `cpu.cfs_quota_us`. Linux alone has these files. */
export function cgroupCores(read: (path: string) => string | undefined = readText): number | undefined {
  const found: number[] = [];
  const add = (cores: number | undefined): void => {
    if (cores !== undefined) found.push(cores);
  };
  // '0::/user.slice/…' is the v2 group; within a container it usually is '/'.
  const own = /^0::(.*)$/m.exec(read('/proc/self/cgroup') ?? '')?.[1] ?? '/';
  const parts = own.split('/').filter((part) => part !== '' && part !== '..');
  for (let depth = parts.length; depth >= 0; depth--) {
    const folder = ['/sys/fs/cgroup', ...parts.slice(0, depth)].join('/');
    const [quota, period] = (read(`${folder}/cpu.max`) ?? 'max').split(' ').map(Number);
    add(quotaCores(quota ?? Number.NaN, period ?? 100_000));
  }
  const quota = Number(read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us') ?? -1);
  add(quotaCores(quota, Number(read('/sys/fs/cgroup/cpu/cpu.cfs_period_us') ?? 0)));
  return found.length > 0 ? Math.min(...found) : undefined;
}

/** At least 1. `environment`: SLURM_CPUS_PER_TASK and GALAXY_SLOTS count where they are lower than what the machine has. */
export function grantedCores(environment: Readonly<Record<string, string | undefined>> = process.env): number {
  const limits = [availableParallelism(), cgroupCores()];
  for (const name of ['SLURM_CPUS_PER_TASK', 'GALAXY_SLOTS']) {
    const value = environment[name];
    if (value !== undefined && /^[1-9]\d*$/.test(value)) limits.push(Number(value));
  }
  return Math.max(1, Math.min(...limits.filter((n) => n !== undefined)));
}
