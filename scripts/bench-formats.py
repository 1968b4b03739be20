"""Races imgconv against the bare decoding of vendor files' blocks by imagecodecs in one thread: the floor of any conversion.

    python3 scripts/bench-formats.py FOLDER ROUNDS OUT IMGCONV [ROW ...]    rows: CZI, ND2, SVS, DICOM

Inputs of about 256 MiB of pixels each are made on demand in FOLDER: by ZEISS' library (CZI), by the writers of the fixtures (ND2), by tifffile
(SVS) and pydicom (DICOM). Needs numpy, scipy, imagecodecs, tifffile, pylibCZIrw, pydicom, nd2. CPU seconds hold up best on a busy machine.
"""
import importlib.util
import mmap
import os
import pathlib
import re
import shlex
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import imagecodecs
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
EDGE = 1024


def block(seed, samples=None):
    """Smooth blobs with shot noise: 16 bit gray, or 8 bit colour."""
    from scipy.ndimage import gaussian_filter
    g = np.random.default_rng(seed)
    smooth = lambda s: gaussian_filter(g.random((EDGE, EDGE), "float32"), s)
    if samples is None:
        a = smooth(12)
        a = (a - a.min()) / (a.max() - a.min()) * 1500 + 100
        return g.poisson(a).astype("uint16")
    out = []
    for _ in range(samples):
        a = smooth(4)
        out.append(np.clip((a - a.min()) / (a.max() - a.min()) * 230 + g.normal(0, 12, a.shape), 0, 255).astype("uint8"))
    return np.stack(out, -1)


def make_czi(path):
    from pylibCZIrw import czi
    with czi.create_czi(str(path), compression_options="zstd1:ExplicitLevel=3;PreProcess=HiLoByteUnpack") as doc:
        for z in range(2):
            for i in range(64):
                doc.write(block(z * 64 + i)[..., None], plane={"C": 0, "T": 0, "Z": z}, location=(i % 8 * EDGE, i // 8 * EDGE))
        doc.write_metadata("bench", scale_x=1e-7, scale_y=1e-7, scale_z=1e-6)


def make_nd2(path):
    spec = importlib.util.spec_from_file_location("nd2_fixtures", ROOT / "fixtures/nd2/generate.py")
    source = pathlib.Path(spec.origin).read_text()
    # The writers alone: what follows the last of them makes the fixtures.
    writers = source[:source.index("def frames_of(")].replace("import nd2\n", "")
    scope = {"__file__": spec.origin}
    exec(compile(writers, spec.origin, "exec"), scope)
    frames = [np.block([[block(4 * i), block(4 * i + 1)], [block(4 * i + 2), block(4 * i + 3)]])[None] for i in range(32)]
    path.write_bytes(scope["build"](frames, [1], "uint16", scope["time_loop"](32), compress=True))


def tiles(count, edge):
    """count × count tiles of `edge` in a picture made of blocks."""
    per = EDGE // edge
    for row in range(count):
        cached = [block(row // per * 97 + i, 3) for i in range(-(-count // per))] if row % per == 0 else cached
        for col in range(count):
            y, x = row % per * edge, col % per * edge
            yield cached[col // per][y:y + edge, x:x + edge]


def make_svs(path):
    import tifffile
    n = 36 * 256
    text = f"Aperio Image Library v10.0.51\r\n{n}x{n} (256x256) JPEG/RGB Q=80|AppMag = 20|MPP = 0.4990"
    with tifffile.TiffWriter(path) as tif:
        tif.write(tiles(36, 256), shape=(n, n, 3), dtype="uint8", tile=(256, 256), description=text, compression="jpeg",
                  compressionargs={"level": 80}, photometric="rgb", metadata=None)


def make_dicom(path):
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate_extended
    from pydicom.uid import JPEGBaseline8Bit, generate_uid
    n, edge = 18, 512
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.6", generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = generate_uid(), generate_uid(), "SM"
    ds.ImageType, ds.DimensionOrganizationType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"], "TILED_FULL"
    ds.Rows = ds.Columns = edge
    ds.TotalPixelMatrixColumns = ds.TotalPixelMatrixRows = n * edge
    ds.TotalPixelMatrixFocalPlanes = ds.NumberOfOpticalPaths = 1
    path_item, measures, shared = Dataset(), Dataset(), Dataset()
    path_item.OpticalPathIdentifier = "1"
    ds.OpticalPathSequence = [path_item]
    measures.PixelSpacing, measures.SliceThickness = [0.0005, 0.0005], 0.001
    shared.PixelMeasuresSequence = [measures]
    ds.SharedFunctionalGroupsSequence = [shared]
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "YBR_FULL_422", 0
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation, ds.NumberOfFrames = 7, 0, n * n
    frames = [imagecodecs.jpeg8_encode(t, level=80, colorspace="rgb", outcolorspace="ycbcr", subsampling="422") for t in tiles(n, edge)]
    ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended(frames)
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    ds.save_as(path, enforce_file_format=True)


def czi_blocks(data):
    """Payloads of the subblocks, less the header of zstd1."""
    at = 0
    while at + 32 <= len(data):
        kind, allocated = data[at:at + 16].rstrip(b"\0"), struct.unpack_from("<q", data, at + 16)[0]
        if kind == b"ZISRAWSUBBLOCK":
            meta, _, size = struct.unpack_from("<iiq", data, at + 32)
            dims = struct.unpack_from("<i", data, at + 48 + 28)[0]
            start = at + 32 + max(256, 16 + 32 + 20 * dims) + meta
            yield data[start + data[start]:start + size]
        at += 32 + allocated


def nd2_blocks(data):
    for found in re.finditer(rb"\xda\xce\xbe\x0a(....)(........)ImageDataSeq\|\d+!", data, re.S):
        name, size = struct.unpack("<IQ", found[1] + found[2])
        start = found.start() + 16 + name
        yield data[start + 8:start + size]


def tiff_blocks(path):
    import tifffile
    with tifffile.TiffFile(path) as tif:
        page = tif.pages[0]
        tables = page.tags[347].value if 347 in page.tags else None
        for offset, count in zip(page.dataoffsets, page.databytecounts):
            tif.filehandle.seek(offset)
            yield tif.filehandle.read(count), tables


def dicom_blocks(path):
    import pydicom
    from pydicom.encaps import generate_frames
    ds = pydicom.dcmread(path)
    return generate_frames(ds.PixelData, number_of_frames=int(ds.NumberOfFrames))


def unpacked(zstd):
    """What zstd1 asks for besides Zstandard: high and low bytes apart."""
    raw = np.frombuffer(imagecodecs.zstd_decode(zstd), "uint8").reshape(2, -1)
    return np.ascontiguousarray(raw.T)


def decode(row, path):
    """CPU and wall seconds for decoding all blocks, one after the other; reading them is not counted."""
    if row == "SVS":
        blocks = list(tiff_blocks(path))
        run = lambda: [imagecodecs.jpeg8_decode(b, tables=t, colorspace="rgb", outcolorspace="rgb") for b, t in blocks[i:i + 64]]
    elif row == "DICOM":
        blocks = list(dicom_blocks(path))
        run = lambda: [imagecodecs.jpeg8_decode(b) for b in blocks[i:i + 64]]
    else:
        with open(path, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as data:
            blocks = list((czi_blocks if row == "CZI" else nd2_blocks)(data))
        one = unpacked if row == "CZI" else imagecodecs.zlib_decode
        run = lambda: [one(b) for b in blocks[i:i + 64]] and None
    cpu, wall = time.process_time(), time.time()
    for i in range(0, len(blocks), 64):
        run()
    return time.process_time() - cpu, time.time() - wall, len(blocks)


def convert(command, out):
    """CPU and wall seconds."""
    target = tempfile.mktemp(prefix="bench-", dir=out)
    began = time.time()
    process = subprocess.Popen([a.replace("{out}", target) for a in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.time() - began
    shutil.rmtree(target, ignore_errors=True)
    if status:
        sys.exit(f"failed: {shlex.join(command)}")
    return usage.ru_utime + usage.ru_stime, wall


ROWS = {"CZI": ("bench_zstd.czi", make_czi, "zstd1"), "ND2": ("bench_zlib.nd2", make_nd2, "zlib"),
        "SVS": ("bench_jpeg.svs", make_svs, "JPEG"), "DICOM": ("dicom/bench_jpeg.dcm", make_dicom, "JPEG")}
PLAIN = "--compression none --resolutions 1 --no-minmax"
RACERS = {"pixels alone, 1 thread": f"{PLAIN} --max-workers 1", "pixels alone": PLAIN, "as a user calls it": ""}


def main():
    folder, rounds, out, imgconv, *wanted = sys.argv[1:]
    for row, (name, make, codec) in ROWS.items():
        if wanted and row not in wanted:
            continue
        path = pathlib.Path(folder) / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            make(path)
        found = {racer: [] for racer in ["decode", *RACERS]}
        for _ in range(int(rounds)):
            found["decode"].append(decode(row, path))
            for racer, options in RACERS.items():
                command = [*shlex.split(imgconv), "to-ngff", str(path), "{out}", "--quiet", *options.split()]
                found[racer].append(convert(command, out or None))
        floor = found.pop("decode")
        cpu, wall = (statistics.median(f[k] for f in floor) for k in (0, 1))
        print(f"\n{row}: {path.stat().st_size / 1e6:.0f} MB, {floor[0][2]} blocks; {codec} decoding alone: cpu {cpu:.2f} s, wall {wall:.2f} s", flush=True)
        for racer, results in found.items():
            c, w = (statistics.median(r[k] for r in results) for k in (0, 1))
            times = [statistics.median(r[k] / f[k] for r, f in zip(results, floor)) for k in (0, 1)]
            print(f"  {racer:24s} cpu {c:6.2f} s = {times[0]:.2f} × decoding   wall {w:6.2f} s = {times[1]:.2f} ×", flush=True)


main()
