"""The judges: what independent software and our own rules say about an OME-Zarr. Each yields (name, problem or None)."""

import hashlib
import json
import pathlib
import re
import warnings

import numpy as np

HERE = pathlib.Path(__file__).parent
SCHEMAS = HERE.parent.parent / "fixtures" / "ngff-schemas"
# NGFF 0.4/0.5 "axes": units that are allowed.
PREFIXES = "yotta zetta exa peta tera giga mega kilo hecto deci centi milli micro nano pico femto atto zepto yocto".split()
UNITS = {p + "meter" for p in PREFIXES} | {p + "second" for p in PREFIXES}
UNITS |= set("meter angstrom foot inch mile parsec yard second minute hour day".split())


def groups(root, version):
    """Every group of the output: path, NGFF attributes, all attributes."""
    name = ".zgroup" if version == "0.4" else "zarr.json"
    for file in sorted(root.rglob(name)):
        meta = json.loads(file.read_text())
        if version == "0.4":
            attrs = file.with_name(".zattrs")
            attrs = json.loads(attrs.read_text()) if attrs.exists() else {}
            yield file.parent, attrs, attrs
        elif meta["node_type"] == "group":
            yield file.parent, meta.get("attributes", {}).get("ome", {}), meta.get("attributes", {})


_registry = {}


def _validator(version, kind):
    import jsonschema
    from referencing import Registry, Resource

    if version not in _registry:
        files = [json.loads(f.read_text()) for f in (SCHEMAS / version).glob("*.schema")]
        for schema in files:  # some lack $schema
            schema.setdefault("$schema", "https://json-schema.org/draft/2020-12/schema")
        _registry[version] = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in files])
    schema = json.loads((SCHEMAS / version / f"{kind}.schema").read_text())
    return jsonschema.Draft202012Validator(schema, registry=_registry[version])


KINDS = {
    "multiscales": "strict_image",
    "image-label": "strict_label",
    "plate": "strict_plate",
    "well": "strict_well",
    "series": "ome",
    "bioformats2raw.layout": "bf2raw",
}


def official_schemas(root, version):
    problems = []
    for path, ome, attributes in groups(root, version):
        for key in ome:
            if key in KINDS:
                for error in _validator(version, KINDS[key]).iter_errors(attributes):
                    problems.append(f"{path.relative_to(root)} {KINDS[key]}: {error.message[:120]}")
    yield "official schemas", "; ".join(problems) or None


def ome_zarr_models(root, version):
    import zarr
    from ome_zarr_models import v04, v05
    from ome_zarr_models.exceptions import ValidationWarning

    models = v04 if version == "0.4" else v05
    kinds = {"plate": models.HCS, "well": models.Well, "image-label": models.ImageLabel, "multiscales": models.Image}
    if hasattr(models, "Labels"):
        kinds["labels"] = models.Labels
    problems = []
    seen = 0
    for path, ome, _ in groups(root, version):
        for key, model in kinds.items():
            if key in ome:
                seen += 1
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("error", ValidationWarning)
                        found = model.from_zarr(zarr.open_group(str(path), mode="r"))
                        if key == "multiscales" and (path / "labels").exists() and found.labels is None:
                            raise ValueError("labels are not seen")
                except Exception as error:
                    problems.append(f"{path.relative_to(root)} as {key}: {type(error).__name__}: {str(error)[:200]}")
                break
    yield "ome-zarr-models", "; ".join(problems) or (None if seen else "nothing was recognised")


def yaozarrs(root, version):
    import yaozarrs as y

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            y.validate_zarr_store(str(root))
        yield "yaozarrs", None
    except Exception as error:
        yield "yaozarrs", f"{type(error).__name__}: {str(error)[:300]}"


def sha(a):
    return hashlib.sha256(np.ascontiguousarray(a, a.dtype.newbyteorder("<")).tobytes()).hexdigest()


def difference(found, want):
    """None if equal bit for bit, else where they differ."""
    if found.shape != want.shape:
        return f"shape {found.shape}, expected {want.shape}"
    if found.dtype.newbyteorder("=") != want.dtype.newbyteorder("="):
        return f"type {found.dtype}, expected {want.dtype}"
    if sha(found) == sha(want):
        return None
    at = tuple(np.argwhere(~((found == want) | ((found != found) & (want != want))))[0:1].ravel())
    if not at:  # NaN payloads
        return None
    return f"first difference at {tuple(int(i) for i in at)}: {found[at]}, expected {want[at]}"


def read_zarr_python(path):
    import zarr

    return zarr.open_array(str(path), mode="r")[...]


def read_tensorstore(path):
    import tensorstore

    driver = "zarr3" if (path / "zarr.json").exists() else "zarr"
    store = tensorstore.open({"driver": driver, "kvstore": {"driver": "file", "path": f"{path}/"}}).result()
    return store.read().result()


READERS = {"zarr-python": read_zarr_python, "tensorstore": read_tensorstore}


def pixels(group, expected, axes):
    """`expected`: all levels, 5-D; `axes`: names of those that are written."""
    kept = tuple(i for i, a in enumerate("tczyx") if a not in axes)
    for name, read in READERS.items():
        problems = []
        for n, want in enumerate(expected):
            try:
                problem = difference(read(group / str(n)), want.squeeze(kept))
            except Exception as error:
                problem = f"{type(error).__name__}: {str(error)[:200]}"
            if problem:
                problems.append(f"level {n}: {problem}")
        if (group / str(len(expected))).exists():
            problems.append(f"more than {len(expected)} levels")
        yield f"pixels by {name}", "; ".join(problems) or None


def placement(ome, expected, image, reduction, axes):
    """Axes, units, scales and translations, exactly."""
    [found] = ome["multiscales"]
    problems = []
    types = {"t": "time", "c": "channel"}
    want = [{"name": a, "type": types.get(a, "space")} for a in axes]
    for axis, a in zip(want, axes):
        unit = image.units["tczyx".index(a)]
        if unit:
            axis["unit"] = unit
    if found["axes"] != want:
        problems.append(f"axes {found['axes']}, expected {want}")
    if any(a.get("unit", "meter") not in UNITS for a in found["axes"]):
        problems.append("a unit that NGFF does not know")
    if len(found["datasets"]) != len(expected):
        problems.append(f"{len(found['datasets'])} datasets, expected {len(expected)}")
    for n, dataset in enumerate(found["datasets"][: len(expected)]):
        factor = [1, 1, 1] + [2**n if expected[n].shape[i] != expected[0].shape[i] else 1 for i in (3, 4)]
        scale = [s * f for s, f in zip(image.scale, factor)]
        half = 0 if reduction == "nearest" else 0.5
        shift = [o + s * (f - 1) * half for o, s, f in zip(image.origin, image.scale, factor)]
        pick = lambda v: [v["tczyx".index(a)] for a in axes]  # noqa: E731
        transforms = {t["type"]: t.get(t["type"]) for t in dataset["coordinateTransformations"]}
        if dataset["path"] != str(n) or not np.allclose(transforms["scale"], pick(scale), rtol=1e-12):
            problems.append(f"level {n}: scale {transforms['scale']}, expected {pick(scale)}")
        if not np.allclose(transforms.get("translation", [0] * len(axes)), pick(shift), rtol=1e-12):
            problems.append(f"level {n}: translation {transforms.get('translation')}, expected {pick(shift)}")
    yield "placement", "; ".join(problems) or None


def rendering(ome, image):
    """`omero` is complete, fits the c axis and the pixels."""
    problems = []
    channels = ome["omero"]["channels"]
    if len(channels) != image.data.shape[1]:
        problems.append(f"{len(channels)} channels, expected {image.data.shape[1]}")
    for c, channel in enumerate(channels):
        if not re.fullmatch("[0-9A-F]{6}", channel["color"]):
            problems.append(f"channel {c}: colour {channel['color']}")
        window = channel["window"]
        if not window["min"] <= window["start"] < window["end"] <= window["max"]:
            problems.append(f"channel {c}: window {window}")
        values = image.data[:, c].astype(float)
        if not np.isfinite(values).all():
            values = values[np.isfinite(values)]
            if window["min"] < values.min() or window["max"] > values.max():
                problems.append(f"channel {c}: window {window} beyond finite pixels")
            continue
        constant = values.min() == values.max()
        if not image.rgb and not constant and (window["min"], window["max"]) != (values.min(), values.max()):
            problems.append(f"channel {c}: window {window}, pixels {values.min()} to {values.max()}")
    yield "omero", "; ".join(problems) or None


def schema_ome(folder):
    """The OME schema 2016-06 with its one import made local. From the package ome-types."""
    import ome_types
    from lxml import etree

    text = (pathlib.Path(ome_types.__file__).parent / "ome-2016-06.xsd").read_text()
    text = text.replace("http://www.w3.org/2001/xml.xsd", (HERE / "xml.xsd").as_uri())
    file = pathlib.Path(folder) / "ome.xsd"
    file.write_text(text)
    return etree.XMLSchema(etree.parse(str(file)))


NS = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"


def ome_xml(root, schema, images, paths):
    """METADATA.ome.xml is valid, has one Image a group in the same order, and the sizes of the arrays."""
    from lxml import etree

    tree = etree.parse(str(root / "OME" / "METADATA.ome.xml"))
    yield "OME-XML schema", None if schema.validate(tree) else str(schema.error_log.last_error)
    problems = []
    found = tree.getroot().findall(f"{NS}Image")
    if len(found) != len(images):
        problems.append(f"{len(found)} images, expected {len(images)}")
    for element, image, path in zip(found, images, paths):
        pixels_ = element.find(f"{NS}Pixels")
        sizes = [int(pixels_.get(f"Size{a}")) for a in "TCZYX"]
        dtype = {"float32": "float", "float64": "double"}.get(str(image.data.dtype), str(image.data.dtype))
        if tuple(sizes) != image.data.shape or pixels_.get("Type") != dtype:
            problems.append(f"{path}: {sizes} {pixels_.get('Type')}, expected {image.data.shape} {dtype}")
        samples = sum(int(c.get("SamplesPerPixel", 1)) for c in pixels_.findall(f"{NS}Channel"))
        if samples != image.data.shape[1] or pixels_.find(f"{NS}MetadataOnly") is None:
            problems.append(f"{path}: {samples} samples in channels, or pixels that are not MetadataOnly")
        for plane in pixels_.findall(f"{NS}Plane"):
            if any(int(plane.get(f"The{a}")) >= n for a, n in zip("TZ", (sizes[0], sizes[2]))):
                problems.append(f"{path}: a plane outside the image")
    yield "OME-XML and arrays", "; ".join(problems) or None


def series(root, version, paths):
    """The list of images in the OME group of collections and plates."""
    for path, ome, _ in groups(root, version):
        if path == root / "OME":
            yield "series", None if ome.get("series") == paths else f"{ome.get('series')}, expected {paths}"
