"""Interop tests: converts inputs made by other software with imgconv and lets other software judge the outputs.

    python run.py --imgconv 'node bin/imgconv.js' [--only TEXT] [--keep]

Prints a line for each failure and ends with `N passed, N failed`; exit code 1 if any failed.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import cases
import inputs
import judges
import pyramid


def convert(command, source, output, case):
    run = subprocess.run(
        [*command, "to-ngff", "--progress", "none", *case.arguments(), str(source), str(output)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    if run.returncode != case.exit:
        return f"exit code {run.returncode}, expected {case.exit}: {run.stderr.strip()[-300:]}"
    return None


def axes_of(case, image):
    if case.axes != "squeeze":
        return case.axes
    return "".join(a for a, n in zip("tczyx", image.data.shape) if n > 1 or a in "yx")


def judge(case, given, output, schema):
    """(what was judged, problem or None) for one output."""
    images = case.change(given.images) if case.change else given.images
    paths = case.paths or given.paths
    if paths is None:
        paths = [""] if len(images) == 1 and not case.collection else [str(i) for i in range(len(images))]
    yield from judges.official_schemas(output, case.version)
    yield from judges.ome_zarr_models(output, case.version)
    yield from judges.yaozarrs(output, case.version)
    groups = {str(path.relative_to(output)): ome for path, ome, _ in judges.groups(output, case.version)}
    for image, path in zip(images, paths):
        reduction = case.reduction
        if image.categorical and reduction == "mean":
            reduction = "mode"
        levels = pyramid.levels(image.data, reduction, count=case.count, stored=image.stored if case.reuse else ())
        axes = axes_of(case, image)
        yield from judges.pixels(output / path, levels, axes)
        ome = groups[path or "."]
        yield from judges.placement(ome, levels, image, reduction, axes)
        yield from judges.rendering(ome, image)
        for name, data in image.labels.items():
            label = f"{path}/labels/{name}".lstrip("/")
            own = cases.Image(data, image.scale, image.units, image.origin)
            below = "nearest" if case.reduction == "nearest" else "mode"
            levels_ = pyramid.levels(data, below, count=len(levels))
            for what, problem in judges.pixels(output / label, levels_, axes_of(case, own)):
                yield f"label {what}", problem
            for what, problem in judges.placement(groups[label], levels_, own, below, axes_of(case, own)):
                yield f"label {what}", problem
    if len(paths) > 1 or paths[0] != "":
        yield from judges.series(output, case.version, paths)
    if case.ome_xml:
        yield from judges.ome_xml(output, schema, images, paths)
    elif (output / "OME" / "METADATA.ome.xml").exists():
        yield "OME-XML", "METADATA.ome.xml is there, but should not be"


def check(case, given, folder, command, schema):
    output = folder / f"{case.name.replace(' ', '_').replace('=', '-')}.ome.zarr"
    problem = convert(command, given.path, output, case)
    if problem:
        return [("conversion", problem)]
    results = [("conversion", None)]
    try:
        results += list(judge(case, given, output, schema))
    except Exception as error:
        results.append(("judging", f"{type(error).__name__}: {error}"))
    shutil.rmtree(output)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imgconv", default="node bin/imgconv.js")
    parser.add_argument("--only", help="cases whose names contain this text")
    parser.add_argument("--keep", action="store_true", help="leave inputs in place and say where")
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="imgconv-interop-"))
    command = shlex.split(args.imgconv)
    counts = collections.Counter()
    try:
        (folder / "in").mkdir()
        made = inputs.make(folder / "in")
        schema = judges.schema_ome(folder)
        wanted = [case for case in cases.cases() if not args.only or args.only in case.name]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(check, case, made[case.input], folder, command, schema) for case in wanted]
            for case, job in zip(wanted, jobs):
                for what, problem in job.result():
                    counts["failed" if problem else "passed"] += 1
                    if problem:
                        print(f"FAIL {case.name}: {what}: {problem}", flush=True)
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
