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
  'ome-tiff': {
    id: 'ome-tiff',
    name: 'OME-TIFF',
    versions: ['2016-06'],
    extensions: ['.ome.tiff', '.ome.tif'],
    command: 'to-ometiff',
    load: () => import('./ome-tiff/format.js'),
  },
} as const;
