"""The conversions that are judged: an input, options of `imgconv to-ngff`, and what they must make of the input's images."""

import dataclasses

from inputs import DTYPES, Image


@dataclasses.dataclass
class Case:
    name: str
    input: str
    args: list = dataclasses.field(default_factory=list)
    version: str = "0.5"
    reduction: str = "mean"
    # Number of levels where it is not what --target-min-size 256 gives.
    count: int | None = None
    # Images that are written, from those of the input.
    change: object = None
    # Axes that are written, by image.
    axes: object = "tczyx"
    ome_xml: bool = True
    # Images lie in a collection although the input has one.
    collection: bool = False
    # Group paths of the images where the input does not say.
    paths: list | None = None
    # Stored levels are taken.
    reuse: bool = False
    exit: int = 0

    def arguments(self):
        return ["--ngff-version", self.version, *self.args]


def part(t=slice(None), c=slice(None), z=slice(None), y=slice(None), x=slice(None)):
    """What a selection leaves of every image: pixels, spacing, position."""

    def change(images):
        made = []
        for image in images:
            slices = (t, c, z, y, x)
            starts = [s.indices(n)[0] for s, n in zip(slices, image.data.shape)]
            steps = [s.step or 1 for s in slices]
            steps[1] = 1
            starts[1] = 0
            scale = tuple(v * s for v, s in zip(image.scale, steps))
            origin = tuple(o + s * v for o, s, v in zip(image.origin, starts, image.scale))
            labels = {k: a[t, :, z, y, x] for k, a in image.labels.items()}
            stored = [a[t, c, z] for a in image.stored]
            data = image.data[slices]
            made.append(dataclasses.replace(image, data=data, scale=scale, origin=origin, labels=labels, stored=stored))
        return made

    return change


def codec(name, **properties):
    args = ["--compression", name]
    for key, value in properties.items():
        args += ["--compression-properties", f"{key}={value}"]
    return args


def cases():
    both = ["0.4", "0.5"]
    made = []
    for version in both:
        for dtype in DTYPES:
            made.append(Case(f"{dtype} {version}", dtype, version=version))
        for dtype in ["uint64", "int64"]:
            made.append(Case(f"{dtype} {version}", dtype, version=version, ome_xml=False))
        for name in ["several", "rgb", "flat", "sparse", "nonfinite", "plate", "placed", f"labels{version}"]:
            made.append(Case(f"{name} {version}", name, version=version))
        made.append(Case(f"labels other version {version}", f"labels{'0.5' if version == '0.4' else '0.4'}", version=version))
        for name, properties in [
            ("blosc", {"cname": "lz4", "clevel": 9}),
            ("blosc", {"cname": "lz4", "shuffle": "bitshuffle"}),
            ("blosc", {"cname": "zstd", "clevel": 5}),
            ("blosc", {"cname": "lz4", "shuffle": "noshuffle", "clevel": 0}),
            ("zstd", {"level": 1}),
            ("gzip", {"level": 1}),
            ("none", {}),
        ]:
            text = " ".join([name, *(f"{k}={v}" for k, v in properties.items())])
            made.append(Case(f"{text} {version}", "uint16", codec(name, **properties), version))
        made.append(Case(f"one image as collection {version}", "flat", ["--layout", "bioformats2raw"], version, collection=True))
        made.append(Case(f"no hcs {version}", "plate", ["--no-hcs"], version, paths=["0", "1", "2"]))
        made.append(Case(f"squeezed {version}", "flat", ["--squeeze"], version, axes="yx"))
        made.append(Case(f"squeezed labels {version}", "labels0.5", ["--squeeze"], version, axes="squeeze"))
        made.append(Case(f"every second pixel {version}", "uint8", ["--downsample-type", "simple"], version, "nearest"))
        made.append(Case(f"most frequent {version}", "uint8", ["--downsample-type", "mode"], version, "mode"))
        made.append(Case(f"five levels {version}", "uint16", ["--resolutions", "5"], version, count=5))
        made.append(Case(f"no XML {version}", "uint8", ["--no-ome-meta-export"], version, ome_xml=False))
    made.append(Case("zlib 0.4", "uint16", codec("zlib"), "0.4"))
    made.append(Case("flat names 0.4", "uint16", ["--no-nested"], "0.4"))
    made.append(Case("zstd with checksum", "uint16", codec("zstd", level=5, checksum="true")))
    made.append(Case("no shards", "uint16", ["--no-shards"]))
    made.append(Case("small shards", "uint16", ["--tile-width", "64", "--tile-height", "32", "--shard-width", "128", "--shard-height", "96"]))
    cubes = ["--chunk-depth", "2", "--tile-width", "100", "--tile-height", "100", "--shard-width", "200", "--shard-height", "300"]
    made.append(Case("cubes", "several", cubes))
    made.append(Case("cubes 0.4", "several", ["--chunk-depth", "2", "--tile-width", "64", "--tile-height", "64"], "0.4"))
    made.append(Case("one series", "several", ["--series", "1"], change=lambda images: images[1:], paths=[""]))
    made.append(Case("one well", "plate", ["--series", "2"], change=lambda images: images[2:], paths=["C/4/0"]))
    channel = part(c=slice(1, 2))
    selected = ["--crop", "30,20,300,270", "--z", "1-", "--timepoints", "1", "--channels", "0"]
    chosen = part(t=slice(1, 2), c=slice(0, 1), z=slice(1, None), y=slice(20, 290), x=slice(30, 330))
    made.append(Case("a part", "uint16", selected, change=chosen))
    labelled = part(z=slice(0, 3, 2), y=slice(7, 290), x=slice(5, 310))
    made.append(Case("a part with labels", "labels0.5", ["--crop", "5,7,305,283", "--z", "0,2"], change=labelled))
    made.append(Case("computed levels", "pyramid"))
    made.append(Case("stored levels", "pyramid", ["--reuse-levels"], reuse=True))
    made.append(Case("stored levels 0.4", "pyramid", ["--reuse-levels", "--target-min-size", "100"], "0.4", reuse=True, count=5))
    made.append(Case("stored levels of a part", "pyramid", ["--reuse-levels", "--channels", "1"], reuse=True, change=channel))
    made.append(Case("a part of a placed image", "placed", ["--crop", "10,20,50,60"], change=part(y=slice(20, 80), x=slice(10, 60))))
    return made


__all__ = ["Case", "Image", "cases"]
