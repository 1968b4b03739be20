// One entry per writer. Code loads when it is needed.

export const writers = {
  ngff: {
    id: 'ngff',
    name: 'OME-Zarr (OME-NGFF)',
    versions: ['0.5', '0.4'],
    extensions: ['.ome.zarr', '.zarr'],
    command: 'to-ngff',
    load: () => import('./ngff/format.js'),
  },
} as const;
