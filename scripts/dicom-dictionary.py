"""Writes src/containers/dicom/dictionary-data.ts: number, VR and keyword of every data element of the standard (DICOM PS3.6), taken from
pydicom's tables.

    pip install pydicom && python3 scripts/dicom-dictionary.py
"""
import pathlib

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary

OUT = pathlib.Path(__file__).parents[1] / "src/containers/dicom/dictionary-data.ts"


def entry(number, vr, keyword):
    return f"{number}{vr.split(' or ')[0]}{keyword}"


lines, group, row = [], None, []


def flush():
    if row:
        lines.append(f"{group}:" + ",".join(row))
        row.clear()


for tag, (vr, _, _, _, keyword) in sorted(DicomDictionary.items()):
    if not keyword or vr == "NONE":
        continue
    g = f"{tag >> 16:04x}"
    if g != group or len(row) == 14:
        flush()
        group = g
    # US or SS is told apart by Pixel Representation: written XS.
    vr = "XS" if vr in ("US or SS", "US or SS or OW") else vr
    row.append(entry(f"{tag & 0xffff:04x}", vr, keyword))
flush()
for mask, (vr, _, _, _, keyword) in sorted(RepeatersDictionary.items()):
    group, element = mask[:4], mask[4:]
    if group in ("50xx", "60xx") and "x" not in element:
        vr = "XS" if vr in ("US or SS", "US or SS or OW") else vr
        lines.append(f"{group}:{entry(element, vr, keyword)}")

OUT.write_text(
    "// Made by scripts/dicom-dictionary.py; not to be edited. Group, then element number, VR and keyword of each element.\n\n"
    "// biome-ignore-all format: a table\n"
    "export const DICTIONARY = `" + "\n".join(lines) + "`;\n"
)
