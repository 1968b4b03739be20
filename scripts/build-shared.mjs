// Fewer, larger chunks for the usual way through the program. esbuild makes a chunk for every set of entries that share a module, dozens
// of small files with as many readers and codecs; to load each of them takes Node half a millisecond. Here the modules that nearly every
// conversion needs are made parts of every lazy entry, so that all of them share one set and land in one chunk.

import { readFileSync } from 'node:fs';
import { inside, root } from './sources.mjs';

/** Lazy entries that a conversion of a TIFF to OME-Zarr loads; what they share with others is worth one chunk. */
const USUAL = [
  'src/cli/conversions.ts',
  'src/pipeline/run.ts',
  'src/pipeline/worker.ts',
  'src/containers/ome-xml/write.ts',
  'readers/ome-tiff/reader.ts',
  'readers/tiff/reader.ts',
  'writers/ngff/format.ts',
];
/** Commands and their help start without any of it. */
const LIGHT = /^src\/cli\/(main|run|commands\/[^/]+)\.ts$/;
const VIRTUAL = 'imgconv:shared';

/** Outputs that an output loads at once, itself included. */
function loadedWith(outputs, name, found = new Set()) {
  if (found.has(name) || !outputs[name]) return found;
  found.add(name);
  for (const { path, kind } of outputs[name].imports) if (kind === 'import-statement') loadedWith(outputs, path, found);
  return found;
}

/**
 * The plugin for the second of two builds, from the metafile of the first.
 * @returns an esbuild plugin
 */
export function sharedChunk({ outputs }) {
  const of = (path) => Object.keys(outputs).find((name) => outputs[name].entryPoint === path);
  const loadedBy = (entries) => new Set(entries.flatMap((name) => [...loadedWith(outputs, name)]));
  const entries = Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? []);
  const light = loadedBy(entries.filter((path) => LIGHT.test(path)).map(of));
  const chunks = [...loadedBy(USUAL.map(of).filter(Boolean))].filter((n) => !light.has(n) && !outputs[n].entryPoint);
  const modules = chunks
    .flatMap((name) => Object.keys(outputs[name].inputs))
    .filter((p) => !p.includes('node_modules/'));
  const lazy = new Set(entries.filter((path) => !LIGHT.test(path) && !path.includes('node_modules/')));
  const imports = modules.sort().map((path) => `import ${JSON.stringify(`./${path}`)};`);
  return {
    name: 'shared-chunk',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${VIRTUAL}$`) }, () => ({ path: VIRTUAL, namespace: 'imgconv' }));
      build.onLoad({ filter: /.*/, namespace: 'imgconv' }, () => ({ contents: imports.join('\n'), resolveDir: root }));
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!lazy.has(inside(path))) return undefined;
        return { contents: `import '${VIRTUAL}';${readFileSync(path, 'utf8')}`, loader: 'ts' };
      });
    },
  };
}
