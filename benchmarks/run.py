"""One command, one table: ``python benchmarks/run.py [NAME …]``."""

from __future__ import annotations

import sys

import files
import hosted
import mastering
import memory
import planning
import sketching
import startup
from measure import print_rows

BENCHMARKS = {
    "startup": startup.rows,
    "plan": planning.rows,
    "sketch": sketching.rows,
    "master": mastering.rows,
    "files": files.rows,
    "memory": memory.rows,
    "hosted": hosted.rows,
}


def main() -> None:
    """Run the named benchmarks, or all."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    print("| what | measured | against | target |\n| --- | --- | --- | --- |")
    for name in names:
        print_rows(BENCHMARKS[name]())


if __name__ == "__main__":
    main()
