"""How soon the command line answers, against importing click alone."""

from __future__ import annotations

from measure import Row, in_turns, python


def rows() -> list[Row]:
    """Time ``--help`` as a whole process."""
    help_s, click_s = in_turns(
        python("-m", "musicgen_daw", "--help"), python("-c", "import click"), rounds=15
    )
    return [
        Row(
            "start-up of --help",
            f"{help_s / click_s:.2f} x ({help_s * 1000:.0f} ms)",
            f"python -c 'import click' ({click_s * 1000:.0f} ms)",
            "< 3 x",
        )
    ]
