"""The conversions to OME-TIFF that are judged: an input, options of `imgconv to-ometiff`, and what they must make of the input's images."""

import dataclasses

from cases import part
from inputs import DTYPES


@dataclasses.dataclass
class TiffCase:
    name: str
    input: str
    args: list = dataclasses.field(default_factory=list)
    reduction: str = "mean"
    # Number of levels where it is not what --target-min-size 256 gives.
    count: int | None = None
    change: object = None
    # Largest mean difference of a lossy codec; None: every pixel is exact.
    off: float | None = None
    # Files of a set, without a companion.
    files: int = 1
    companion: bool = False
    big: bool = False
    # libvips lacks the codec (or sees one image of a file).
    vips: bool = True
    bioformats: bool = True
    exit: int = 0


def cases():
    # libvips reads no 64-bit samples from TIFF.
    made = [TiffCase(dtype, dtype, vips=dtype != "float64") for dtype in DTYPES]
    for codec in ["none", "lzw", "deflate", "zstd", "packbits", "jpeg2000"]:
        # Bio-Formats 7.3.1, which the package has, knows Zstandard by another number.
        # The libvips of pyvips-binary has neither Zstandard nor JPEG 2000 in TIFF.
        more = {"vips": codec not in ("jpeg2000", "zstd"), "bioformats": codec != "zstd"}
        made += [TiffCase(f"{codec} {dtype}", dtype, ["-c", codec], **more) for dtype in ["uint8", "uint16"]]
        if codec != "jpeg2000":
            made.append(TiffCase(f"{codec} float", "float32", ["-c", codec], **more))
        made.append(TiffCase(f"{codec} RGB", "rgb", ["-c", codec], **more))
    for order in ["XYZCT", "XYZTC", "XYCTZ", "XYCZT", "XYTCZ", "XYTZC"]:
        made.append(TiffCase(f"order {order}", "uint8", ["--dimension-order", order]))
    made += [
        TiffCase("RGB", "rgb"),
        TiffCase("JPEG RGB", "rgb", ["-c", "jpeg"], off=14),
        TiffCase("JPEG gray", "uint8", ["-c", "jpeg", "--quality", "95"], off=6),
        TiffCase("several", "several"),
        TiffCase("flat", "flat"),
        TiffCase("nonfinite", "nonfinite"),
        TiffCase("plate", "plate"),
        TiffCase("BigTIFF", "uint16", ["--bigtiff"], big=True),
        TiffCase("small tiles", "several", ["-w", "32", "-H", "48"]),
        # libvips refuses tiles that are many times larger than their image.
        TiffCase("five levels", "uint16", ["--resolutions", "5"], count=5, vips=False),
        TiffCase("one level", "uint16", ["--resolutions", "1"], count=1),
        TiffCase("every second pixel", "uint8", ["--downsample-type", "simple"], "nearest"),
        TiffCase("most frequent", "uint8", ["--downsample-type", "mode"], "mode"),
        TiffCase("cropped", "uint16", ["--crop", "13,29,300,260"], change=part(y=slice(29, 289), x=slice(13, 313))),
        TiffCase("part", "uint16", ["--channels", "1", "--z", "0", "--timepoints", "1"], change=part(slice(1, 2), slice(1, 2), slice(0, 1))),
        TiffCase("set of channels", "uint16", ["--split", "channels"], files=2),
        TiffCase("set of planes", "uint8", ["--split", "planes"], files=8),
        TiffCase("set of time points with companion", "uint16", ["--split", "timepoints", "--companion"], files=2, companion=True),
        TiffCase("set of images", "several", ["--split", "series"], files=2),
        TiffCase("from OME-Zarr", "pyramid"),
    ]
    return made
