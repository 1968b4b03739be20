"""Tiles that are handed on: inputs by libvips and tifffile in every codec that an OME-TIFF can hold, whose pixels every judge must see unchanged."""

import json
import subprocess

import numpy as np
import tifffile

from inputs import pattern

SIZE = (700, 1000)


def picture(samples, dtype="uint8"):
    y, x = np.indices(SIZE)
    planes = [128 + 80 * np.sin(x / 23 + s) * np.cos(y / 31 - s) + pattern((1, 1, 1, *SIZE), "uint8", s)[0, 0, 0] / 16 for s in range(samples)]
    return np.stack(planes, -1).astype(dtype)


def by_vips(path, data, **options):
    import pyvips

    image = pyvips.Image.new_from_array(data)
    image.tiffsave(str(path), tile=True, tile_width=256, tile_height=256, **options)


def inputs(folder, vips):
    """(name, path, codec that the report must name)"""
    rgb, gray, deep = picture(3), picture(1)[..., 0], pattern((1, 1, 1, *SIZE), "uint16", 5)[0, 0, 0]
    if vips:
        for quality in (75, 95):
            path = folder / f"vips{quality}.tif"
            by_vips(path, rgb, compression="jpeg", Q=quality)
            yield f"JPEG {quality} by libvips", path, "jpeg"
        path = folder / "vipsgray.tif"
        by_vips(path, gray, compression="jpeg", Q=90)
        yield "gray JPEG by libvips", path, "jpeg"
        path = folder / "vipslzw.tif"
        by_vips(path, rgb, compression="lzw", predictor="horizontal")
        yield "LZW by libvips", path, "lzw"
        path = folder / "vipspyramid.tif"
        by_vips(path, rgb[:640, :960], compression="jpeg", Q=90, pyramid=True)
        yield "pyramid by libvips", path, "jpeg"
    written = [
        ("YCbCr 4:2:0", rgb, {"compression": "jpeg", "photometric": "rgb", "subsampling": (2, 2)}, "jpeg"),
        ("YCbCr 4:4:4", rgb, {"compression": "jpeg", "photometric": "rgb", "subsampling": (1, 1)}, "jpeg"),
        ("RGB JPEG", rgb, {"compression": "jpeg", "photometric": "rgb", "compressionargs": {"outcolorspace": "rgb"}}, "jpeg"),
        ("gray JPEG", gray, {"compression": "jpeg"}, "jpeg"),
        ("deflate", deep, {"compression": "zlib", "predictor": True}, "deflate"),
        ("LZW", deep, {"compression": "lzw"}, "lzw"),
        ("JPEG 2000", rgb, {"compression": "jpeg2000", "photometric": "rgb"}, "jpeg2000"),
        ("deep JPEG 2000", deep, {"compression": "jpeg2000"}, "jpeg2000"),
    ]
    for name, data, options, codec in written:
        path = folder / f"{name.replace(' ', '').replace(':', '')}.tif"
        tifffile.imwrite(path, data, tile=(256, 256), metadata=None, **options)
        yield f"{name} by tifffile", path, codec


def first_image(bioformats, path):
    bioformats.attach()
    reader = bioformats.jpype.JClass("loci.formats.ImageReader")()
    reader.setFlattenedResolutions(False)
    reader.setId(str(path))
    try:
        return bioformats.pixels(reader)
    finally:
        reader.close()


def judge(command, folder, vips, bioformats):
    """(case, what, problem or None)"""
    folder.mkdir()
    for number, (name, source, codec) in enumerate(inputs(folder, vips)):
        # A name of its own: libvips remembers files by name.
        output = folder / f"out{number}.ome.tiff"
        report = folder / "report.json"
        args = ["to-ometiff", "--quiet", "--report", str(report), str(source), str(output)]
        run = subprocess.run([*command, *args], capture_output=True, text=True, timeout=300)
        if run.returncode != 0:
            yield name, "conversion", run.stderr.strip()[-300:]
            continue
        notices = [n["text"] for n in json.loads(report.read_text())["notices"] if n["code"] == "CODING"]
        yield name, "report", None if f"{codec} (handed on)" in " ".join(notices) else f"says {notices}"
        found, want = tifffile.imread(output, level=0), tifffile.imread(source, key=0)
        yield name, "tifffile", None if np.array_equal(found.reshape(want.shape), want) else "other pixels"
        if vips and codec != "jpeg2000":
            import pyvips

            found, want = (pyvips.Image.new_from_file(str(p)).numpy() for p in (output, source))
            yield name, "libvips", None if np.array_equal(found, want) else "other pixels"
        if bioformats:
            found, want = first_image(bioformats, output), first_image(bioformats, source)
            # As a plain TIFF the colours are channels too.
            same = np.array_equal(found.reshape(-1), want.reshape(-1))
            yield name, "Bio-Formats", None if same else f"other pixels: {found.shape}, {want.shape}"
