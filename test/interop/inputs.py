"""Makes the inputs of the interop tests with tifffile and zarr-python, and remembers what is in them.

Pixels are 5-D arrays in the order t, c, z, y, x. Floating-point values are multiples of 1/8, so that sums are exact in any order.
"""

import dataclasses
import pathlib

import numpy as np

UM = "\u00b5m"


@dataclasses.dataclass
class Image:
    """One image of an input as every reader should see it."""

    data: np.ndarray
    # Size of a pixel along t, c, z, y, x and NGFF units.
    scale: tuple = (1, 1, 1, 1, 1)
    units: tuple = (None, None, None, None, None)
    origin: tuple = (0, 0, 0, 0, 0)
    categorical: bool = False
    # Label name -> 5-D array.
    labels: dict = dataclasses.field(default_factory=dict)
    rgb: bool = False
    # Levels below the full size as stored in the input.
    stored: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Input:
    path: pathlib.Path
    images: list
    # Group of each image in the output; None: by number.
    paths: list | None = None


def pattern(shape, dtype, seed=1):
    """Smooth structure plus noise, over the middle of the type's range."""
    rng = np.random.default_rng(seed)
    grid = np.indices(shape[-2:]).sum(0) % 97
    values = grid + rng.integers(0, 60, shape) + 11 * np.arange(np.prod(shape[:3])).reshape(shape[:3] + (1, 1))
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return (values / 8).astype(dtype)
    if dtype.itemsize == 1:
        return (values % 251 - (125 if dtype.kind == "i" else 0)).astype(dtype)
    return (values * 37 - (3000 if dtype.kind == "i" else 0)).astype(dtype)


def ome_tiff(path, images, names=("DAPI", "GFP"), resolution=(0.25, 0.5)):
    """An OME-TIFF of one series an image, by tifffile; pixel sizes in micrometre, z step 1.5 um, 2 s between time points."""
    import tifffile

    with tifffile.TiffWriter(path, ome=True) as tif:
        for number, image in enumerate(images):
            data = image.data
            meta = {
                "PhysicalSizeX": resolution[0],
                "PhysicalSizeXUnit": UM,
                "PhysicalSizeY": resolution[1],
                "PhysicalSizeYUnit": UM,
                "PhysicalSizeZ": 1.5,
                "PhysicalSizeZUnit": UM,
                "TimeIncrement": 2.0,
                "TimeIncrementUnit": "s",
                "Name": f"image {number}",
            }
            if image.rgb:
                data = np.moveaxis(data, 1, -1)[:, 0]
                tif.write(data[0], photometric="rgb", metadata={"axes": "YXS", **meta}, tile=(128, 128))
            else:
                channels = {"Name": [f"{names[c % len(names)]}{c // len(names) or ''}" for c in range(data.shape[1])]}
                tif.write(data, photometric="minisblack", metadata={"axes": "TCZYX", "Channel": channels, **meta})
            image.scale = (2.0, 1, 1.5, resolution[1], resolution[0])
            image.units = ("second", None, "micrometer", "micrometer", "micrometer")
    return Input(path, images)


PLATE = """<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
<Plate ID="Plate:0" Name="test plate" Rows="3" Columns="4" RowNamingConvention="letter" ColumnNamingConvention="number">
<Well ID="Well:0" Row="0" Column="1"><WellSample ID="WellSample:0" Index="0"><ImageRef ID="Image:0"/></WellSample>
<WellSample ID="WellSample:1" Index="1"><ImageRef ID="Image:1"/></WellSample></Well>
<Well ID="Well:1" Row="2" Column="3"><WellSample ID="WellSample:2" Index="2"><ImageRef ID="Image:2"/></WellSample></Well>
<PlateAcquisition ID="PlateAcquisition:0" Name="run" MaximumFieldCount="2" StartTime="2024-02-03T04:05:06Z">
<WellSampleRef ID="WellSample:0"/><WellSampleRef ID="WellSample:1"/><WellSampleRef ID="WellSample:2"/></PlateAcquisition>
</Plate>
%s
</OME>"""
PLATE_IMAGE = """<Image ID="Image:%d" Name="field %d"><Pixels ID="Pixels:%d" DimensionOrder="XYZCT" Type="uint16" SizeX="%d" SizeY="%d" SizeZ="1" SizeC="1" SizeT="1" PhysicalSizeX="650" PhysicalSizeXUnit="nm" PhysicalSizeY="650" PhysicalSizeYUnit="nm"><Channel ID="Channel:%d:0" SamplesPerPixel="1" EmissionWavelength="520" EmissionWavelengthUnit="nm" Color="16711935"/><TiffData IFD="%d" PlaneCount="1"/></Pixels></Image>"""


def plate(path):
    import tifffile

    images = [Image(pattern((1, 1, 1, 90, 120), "uint16", 20 + i)) for i in range(3)]
    parts = [PLATE_IMAGE % (i, i, i, 120, 90, i, i) for i in range(3)]
    with tifffile.TiffWriter(path) as tif:
        for i, image in enumerate(images):
            image.scale = (1, 1, 1, 650.0, 650.0)
            image.units = (None, None, None, "nanometer", "nanometer")
            description = (PLATE % "\n".join(parts)) if i == 0 else None
            tif.write(image.data[0, 0, 0], description=description, metadata=None, photometric="minisblack")
    return Input(path, images, ["A/2/0", "A/2/1", "C/4/0"])


def write_array(group, name, data, version, **kwargs):
    more = {"dimension_names": list("tczyx")[5 - data.ndim :]} if version == "0.5" else {}
    chunks = (1,) * (data.ndim - 2) + (64, 64)
    array = group.create_array(name, shape=data.shape, dtype=data.dtype, chunks=chunks, **more, **kwargs)
    array[...] = data


def multiscales(names, translation=None, levels=1):
    kinds = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
    axes = [{"name": n, "type": kinds[n]} for n in names]
    scale = [{"t": 1.0, "c": 1.0, "z": 2.0, "y": 0.5, "x": 0.5}[n] for n in names]
    for axis in axes:
        if axis["type"] == "space":
            axis["unit"] = "micrometer"
    transforms = [{"type": "scale", "scale": scale}]
    if translation:
        transforms.append({"type": "translation", "translation": translation})
    datasets = [{"path": "0", "coordinateTransformations": transforms}]
    for n in range(1, levels):
        smaller = [v * (2**n if a in "yx" else 1) for a, v in zip(names, scale)]
        datasets.append({"path": str(n), "coordinateTransformations": [{"type": "scale", "scale": smaller}]})
    return [{"name": "source", "axes": axes, "datasets": datasets}]


def ome_zarr(path, image, version="0.5", translation=None):
    """An OME-Zarr with its labels, by zarr-python."""
    import zarr

    group = zarr.open_group(str(path), mode="w", zarr_format=3 if version == "0.5" else 2)

    def attributes(g, ome):
        if version == "0.5":
            g.attrs["ome"] = {"version": "0.5", **ome}
        else:
            g.attrs.update(ome)

    attributes(group, {"multiscales": multiscales("tczyx", translation, 1 + len(image.stored))})
    for n, data in enumerate([image.data, *image.stored]):
        write_array(group, str(n), data, version)
    if image.labels:
        labels = group.create_group("labels")
        attributes(labels, {"labels": list(image.labels)})
        for name, data in image.labels.items():
            label = labels.create_group(name)
            colors = [{"label-value": 1, "rgba": [255, 0, 0, 255]}, {"label-value": 2, "rgba": [0, 255, 0, 255]}]
            attributes(label, {"multiscales": multiscales("tczyx"), "image-label": {"colors": colors}})
            write_array(label, "0", data, version)
    image.scale = (1, 1, 2.0, 0.5, 0.5)
    image.units = (None, None, "micrometer", "micrometer", "micrometer")
    if translation:
        image.origin = tuple(translation)
    return Input(path, [image])


def label_of(shape, dtype, seed):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 5, shape[:-2] + (-(-shape[-2] // 9), -(-shape[-1] // 7)))
    return np.repeat(np.repeat(coarse, 9, -2), 7, -1)[..., : shape[-2], : shape[-1]].astype(dtype)


DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


def make(folder):
    """All inputs by name."""
    folder = pathlib.Path(folder)
    made = {}
    for i, dtype in enumerate(DTYPES):
        images = [Image(pattern((2, 2, 2, 301, 423), dtype, i))]
        made[dtype] = ome_tiff(folder / f"{dtype}.ome.tif", images)
    for i, dtype in enumerate(["uint64", "int64"]):
        made[dtype] = ome_zarr(folder / f"{dtype}.ome.zarr", Image(pattern((1, 2, 1, 301, 270), dtype, 10 + i)))
    several = [Image(pattern((1, 2, 3, 130, 97), "uint16", 15)), Image(pattern((3, 1, 1, 50, 300), "uint16", 16))]
    made["several"] = ome_tiff(folder / "several.ome.tif", several)
    made["rgb"] = ome_tiff(folder / "rgb.ome.tif", [Image(pattern((1, 3, 1, 333, 517), "uint8", 17), rgb=True)])
    made["flat"] = ome_tiff(folder / "flat.ome.tif", [Image(pattern((1, 1, 1, 700, 600), "uint16", 18))])
    sparse = np.zeros((1, 1, 2, 600, 600), "uint16")
    sparse[0, 0, 1, 500:, 520:] = 7
    made["sparse"] = ome_tiff(folder / "sparse.ome.tif", [Image(sparse)])
    broken = pattern((1, 1, 1, 300, 300), "float32", 19)
    broken[0, 0, 0, 10:20, 10:20] = np.nan
    broken[0, 0, 0, 30, 30] = np.inf
    made["nonfinite"] = ome_tiff(folder / "nonfinite.ome.tif", [Image(broken)])
    made["plate"] = plate(folder / "plate.ome.tif")
    shape = (1, 2, 3, 301, 423)
    for version in ["0.4", "0.5"]:
        labels = {"cells": label_of((1, 1) + shape[2:], "uint16", 3), "nuclei": label_of((1, 1) + shape[2:], "int32", 4)}
        image = Image(pattern(shape, "uint8", 21), labels=labels)
        made[f"labels{version}"] = ome_zarr(folder / f"labels{version}.ome.zarr", image, version)
    placed = Image(pattern((1, 1, 1, 300, 200), "uint8", 22))
    made["placed"] = ome_zarr(folder / "placed.ome.zarr", placed, translation=[0.0, 0.0, 4.0, 10.5, 20.25])
    # Stored levels that no reduction gives, so that it shows whether they were taken.
    pyramid = Image(pattern((1, 2, 2, 601, 1003), "uint16", 23))
    pyramid.stored = [pattern((1, 2, 2, 300, 501), "uint16", 24), pattern((1, 2, 2, 150, 250), "uint16", 25)]
    made["pyramid"] = ome_zarr(folder / "pyramid.ome.zarr", pyramid)
    return made
