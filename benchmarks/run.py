"""One command, one table: ``python benchmarks/run.py [NAME …]``."""

from __future__ import annotations

import sys

import exchange
import files
import fuzz
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
    "exchange": exchange.rows,
    "crowd": exchange.crowd_rows,
    "sketch": sketching.rows,
    "master": mastering.rows,
    "files": files.rows,
    "memory": memory.rows,
    "hosted": hosted.rows,
    "fuzz": fuzz.rows,
}
ONLY_BY_NAME = ("crowd", "fuzz")
"""What takes more than a few minutes."""


def main() -> None:
    """Run the named benchmarks, or all that are not run only by name."""
    names = sys.argv[1:] or [name for name in BENCHMARKS if name not in ONLY_BY_NAME]
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    print("| what | measured | against | target |\n| --- | --- | --- | --- |")
    for name in names:
        print_rows(BENCHMARKS[name]())


if __name__ == "__main__":
    main()
