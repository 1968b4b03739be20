import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

export default defineConfig({
  define: { __IMGCONV_VERSION__: JSON.stringify(version) },
  test: {
    // Interop tests need Python and run by `npm run test:interop` with a configuration of their own.
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.interop.test.ts'],
    // Processes, not threads: tests start worker threads and send signals themselves.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
