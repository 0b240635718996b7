"""`python -m tests.load --jobs 200 --images 20`: many jobs at once on a stack of their own."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.load.many_jobs import loaded_stack, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--images", type=int, default=20, help="of each job")
    parser.add_argument("--seconds", type=float, default=1200, help="how long it may take")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="load-") as folder,
        loaded_stack(Path(folder), given.jobs) as stack,
    ):
        report = run(stack, jobs=given.jobs, images=given.images, seconds=given.seconds)
    sys.stdout.write("\n".join([*report.lines(), ""]))
    faults = list(report.faults())
    sys.stdout.write("\n".join([*(f"NOT SO: {fault}" for fault in faults), ""]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
