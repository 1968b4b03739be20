"""What other validators say about files with one defect each: `conformance.py FOLDER` reads FOLDER/manifest.json (written by
scripts/conformance.mjs) and prints, for each file, judge -> problem or null."""

import importlib.metadata
import io
import json
import logging
import pathlib
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import judges  # noqa: E402

# The schemas of the specification itself, not those that ask for what it recommends.
judges.KINDS = {key: kind.replace("strict_", "") for key, kind in judges.KINDS.items()}


def problem(check):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return check()
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:160]}"


def last(found):
    """The verdict of a generator of (name, problem)."""
    return next((text for _, text in found if text), None)


def read_all(root):
    """Every array that is there, by zarr-python."""
    arrays = [p.parent for p in root.rglob(".zarray")]
    for file in root.rglob("zarr.json"):
        if json.loads(file.read_text()).get("node_type") == "array":
            arrays.append(file.parent)
    for path in arrays:
        judges.read_zarr_python(path)


def zarr(path, version):
    return {
        "schemas": problem(lambda: last(judges.official_schemas(path, version))),
        "ome-zarr-models": problem(lambda: last(judges.ome_zarr_models(path, version))),
        "yaozarrs": problem(lambda: last(judges.yaozarrs(path, version))),
        "zarr-python": problem(lambda: read_all(path)),
    }


_schema = None


def xsd(text):
    global _schema
    from lxml import etree
    import ome_types

    if _schema is None:
        file = next(pathlib.Path(ome_types.__file__).parent.rglob("ome-2016-06.xsd"))
        # The schema imports xml.xsd from the network; ours lies beside this file.
        source = file.read_text("utf8").replace("http://www.w3.org/2001/xml.xsd", (judges.HERE / "xml.xsd").as_uri())
        _schema = etree.XMLSchema(etree.parse(io.BytesIO(source.encode("utf8"))))
    document = etree.fromstring(text)
    return None if _schema.validate(document) else str(_schema.error_log.last_error)[:160]


def types(text):
    import ome_types

    ome_types.from_xml(text.decode("utf8"), validate=False)


def xml(path, _):
    text = path.read_bytes()
    return {"XSD (lxml)": problem(lambda: xsd(text)), "ome-types": problem(lambda: types(text))}


class Told(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def read_tiff(path, expected):
    import tifffile

    told = Told()
    logger = logging.getLogger("tifffile")
    logger.addHandler(told)
    try:
        with tifffile.TiffFile(path) as file:
            [series] = file.series
            if series.kind != "ome" or list(series.shape) != expected:
                return f"{series.kind} {series.shape}"
            for level in series.levels:
                level.asarray()
            if len(series.levels) != 3:
                return f"{len(series.levels)} levels"
    finally:
        logger.removeHandler(told)
    return "; ".join(told.lines) or None


def description(path):
    import tifffile

    with tifffile.TiffFile(path) as file:
        return file.pages[0].description.encode("utf8")


def tiff(path, shape):
    return {
        "XSD (lxml)": problem(lambda: xsd(description(path))),
        "ome-types": problem(lambda: types(description(path))),
        "tifffile": problem(lambda: read_tiff(path, shape)),
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    logging.getLogger("tifffile").propagate = False
    check = {"ome-zarr": zarr, "ome-xml": xml, "ome-tiff": tiff}
    rows = json.loads((folder / "manifest.json").read_text())
    verdicts = [{"name": row["name"], "verdicts": check[row["kind"]](folder / row["file"], row.get("with"))} for row in rows]
    packages = ["jsonschema", "ome-zarr-models", "yaozarrs", "zarr", "lxml", "ome-types", "tifffile"]
    versions = {name: importlib.metadata.version(name) for name in packages}
    print(json.dumps({"versions": versions, "rows": verdicts}))


main()
