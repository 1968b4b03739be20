"""What other software needs for a TIFF pyramid of the same kind: tiles of 512, SubIFDs, 2 x 2 means.

    python bench-tiff.py vips jpeg|deflate INPUT OUTPUT       libvips (pyvips)
    python bench-tiff.py tifffile zlib|lzw INPUT OUTPUT       tifffile + imagecodecs, one plane at a time, two encoders

JPEG at quality 90, zlib at level 6 (the defaults of what is asked for), horizontal differencing.
"""

import sys

TILE = 512


def vips(kind, source, target):
    import pyvips

    options = {"jpeg": {"compression": "jpeg", "Q": 90}, "deflate": {"compression": "deflate", "predictor": "horizontal"}}
    image = pyvips.Image.new_from_file(source, access="sequential")
    image.tiffsave(
        target, tile=True, tile_width=TILE, tile_height=TILE, pyramid=True, subifd=True, bigtiff=True, **options[kind]
    )


def tifffile(kind, source, target):
    import numpy as np
    import tifffile as tf

    def halve(a):
        h, w = a.shape[0] // 2 * 2, a.shape[1] // 2 * 2
        s = a[:h, :w].astype(np.uint32)
        s = s[0::2, 0::2] + s[1::2, 0::2] + s[0::2, 1::2] + s[1::2, 1::2]
        return ((s + 2) >> 2).astype(a.dtype)

    options = {
        "tile": (TILE, TILE),
        "compression": kind,
        "predictor": True,
        "photometric": "minisblack",
        "maxworkers": 2,
    }
    with tf.TiffFile(source) as file, tf.TiffWriter(target, bigtiff=True) as writer:
        series = file.series[0]
        height = series.pages[0].imagelength
        width = series.pages[0].imagewidth
        levels = 0
        while max(height, width) >> levels > 256:
            levels += 1
        for page in series.pages:
            plane = page.asarray()
            writer.write(plane, subifds=levels, metadata=None, **options)
            for _ in range(levels):
                plane = halve(plane)
                writer.write(plane, subfiletype=1, metadata=None, **options)


if __name__ == "__main__":
    tool, kind, source, target = sys.argv[1:]
    {"vips": vips, "tifffile": tifffile}[tool](kind, source, target)
