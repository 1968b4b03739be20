import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { cgroupCores, grantedCores } from '../../src/io/cores.js';

const files = (entries: Record<string, string>) => (path: string) => entries[path];

test('cgroup v2: the tightest of the group and those above it, rounded up', () => {
  expect(
    cgroupCores(
      files({
        '/proc/self/cgroup': '0::/user.slice/job',
        '/sys/fs/cgroup/user.slice/cpu.max': '350000 100000',
        '/sys/fs/cgroup/user.slice/job/cpu.max': 'max 100000',
      }),
    ),
  ).toBe(4);
  expect(cgroupCores(files({ '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '50000 100000' }))).toBe(1);
});

test('cgroup v1', () => {
  const v1 = (quota: string) =>
    files({ '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': quota, '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000' });
  expect(cgroupCores(v1('200000'))).toBe(2);
  expect(cgroupCores(v1('-1'))).toBeUndefined();
});

test('no cgroup files, no limit', () => expect(cgroupCores(() => undefined)).toBeUndefined());

test('schedulers may lower the number, never raise it', () => {
  expect(grantedCores({ SLURM_CPUS_PER_TASK: '1' })).toBe(1);
  expect(grantedCores({ GALAXY_SLOTS: '1' })).toBe(1);
  expect(grantedCores({ SLURM_CPUS_PER_TASK: '9999' })).toBeLessThanOrEqual(availableParallelism());
  expect(grantedCores({ SLURM_CPUS_PER_TASK: 'many', GALAXY_SLOTS: '0' })).toBeGreaterThanOrEqual(1);
});
