"""``musicgen-daw jobs``: what was sent and paid, and what to do where nobody knows."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from musicgen_daw.cli.logs import verbose_option
from musicgen_daw.cli.options import json_option, option, pass_settings, store_option
from musicgen_daw.cli.progress import observing
from musicgen_daw.cli.text import print_json, print_table, printable, usd
from musicgen_daw.errors import RenderIncomplete, UsageError
from musicgen_daw.settings import Settings

if TYPE_CHECKING:
    from musicgen_daw.project.jobs import Job, Jobs

__all__ = ["jobs"]

_ACTIONS = ("fetch", "lost", "again")
_ALL = "all"

_STATES = {
    "intended": "sent, no answer",
    "accepted": "taken, not fetched",
    "finished": "finished",
    "failed": "failed, not paid",
    "unknown": "unknown, perhaps paid",
    "lost": "given up, perhaps paid",
    "released": "perhaps paid, to be sent again",
}


@click.command()
@click.argument("words", nargs=-1, metavar="[FOLDER] [fetch|lost|again ID...]")
@option("--all", "everything", is_flag=True, help="List what was free or failed unpaid, too.")
@store_option
@json_option
@verbose_option
@pass_settings
def jobs(
    settings: Settings,
    /,
    words: tuple[str, ...],
    everything: bool,
    store: Path | None,
    as_json: bool,
) -> None:
    """List what was sent and paid for the output FOLDER, or for all folders.

    What may have been paid without giving a clip is never sent again by itself.
    'fetch ID...' or 'fetch all' looks for the results without paying again; 'lost ID...' gives
    them up; 'again ID...' lets the next render send, and pay, them once more. In doubt a folder
    that is called like one of these is written ./fetch.
    """
    from musicgen_daw.project.environment import store_root
    from musicgen_daw.project.jobs import Jobs

    folder, action, numbers = _meaning(words)
    chosen = Jobs(store_root(settings, store), folder)
    if action is None:
        _list(chosen, _named(folder, store), everything=everything, as_json=as_json)
    elif action == "fetch":
        _fetch(chosen, numbers, as_json=as_json)
    else:
        decide = chosen.give_up if action == "lost" else chosen.send_again
        decided = decide(numbers or ())
        _tell([(job, job.reason or "") for job in decided], as_json=as_json)


def _meaning(words: Sequence[str]) -> tuple[Path | None, str | None, list[int] | None]:
    """Return the folder, the action and the numbers of jobs (``None`` for all) that are meant."""
    folder = None
    if words and words[0] not in _ACTIONS:
        folder, words = Path(words[0]), words[1:]
    if not words:
        return folder, None, None
    action, *ids = words
    if action not in _ACTIONS:
        raise UsageError(f"unknown action {action!r}: it is one of {', '.join(_ACTIONS)}")
    if action == "fetch" and ids == [_ALL]:
        return folder, action, None
    if not ids:
        raise UsageError(f"{action} what? name the id of a job, as 'musicgen-daw jobs' lists it")
    return folder, action, [_number(text) for text in ids]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise UsageError(f"{text!r} is no id of a job: 'musicgen-daw jobs' lists them")
    return int(text)


def _named(folder: Path | None, store: Path | None) -> str:
    """Return the words that name the same jobs in another command."""
    words = [] if folder is None else [str(folder)]
    # What the environment names need not be typed.
    source = click.get_current_context().get_parameter_source("store")
    if store is not None and source is ParameterSource.COMMANDLINE:
        words = ["--store", str(store), *words]
    return "".join(f" {shlex.quote(printable(word))}" for word in words)


def _list(chosen: Jobs, named: str, *, everything: bool, as_json: bool) -> None:
    listed = chosen.listed(everything=everything)
    spent_usd = sum((job.cost_usd for job in listed if job.cost_usd), Decimal(0))
    perhaps_usd = sum((job.perhaps_usd for job in listed), Decimal(0))
    if as_json:
        print_json(
            {
                "jobs": [_as_json(job) for job in listed],
                "spent_usd": spent_usd,
                "perhaps_usd": perhaps_usd,
            }
        )
        return
    if not listed:
        click.echo("nothing was sent that costs money")
        return
    _print_table(listed)
    click.echo()
    click.echo(
        f"{usd(spent_usd)} USD spent"
        + (f", and perhaps about {usd(perhaps_usd)} USD more" if perhaps_usd else "")
    )
    for job in listed:
        if job.evidence:
            click.echo(f"what came instead of job {job.id}: {printable(job.evidence)}")
    if any(job.is_open for job in listed):
        click.echo(
            f"to settle: 'musicgen-daw jobs{named} fetch all' looks for the results, "
            "'lost ID' gives one up, 'again ID' lets it be paid once more"
        )


def _print_table(listed: Sequence[Job]) -> None:
    print_table(
        ("id", "cue", "take", "backend", "state", "request", "USD", "when", "reason"),
        [
            (
                job.id,
                job.cue,
                job.take,
                job.backend,
                _state(job),
                job.request_id,
                _cost(job),
                _when(job.started_s),
                job.reason,
            )
            for job in listed
        ],
    )


def _state(job: Job) -> str:
    return "under way" if job.is_under_way else _STATES[job.state]


def _cost(job: Job) -> str:
    if job.cost_usd is not None:
        return usd(job.cost_usd)
    return f"~{usd(job.perhaps_usd)}" if job.perhaps_usd else ""


def _when(seconds: float) -> str:
    """Return a time of this place, in minutes."""
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):  # a clock that was far off
        return "?"


def _fetch(chosen: Jobs, numbers: Sequence[int] | None, *, as_json: bool) -> None:
    with observing() as observer:
        fetched = list(chosen.fetch(numbers, observer))
    _tell(fetched, as_json=as_json)
    still_open = sum(1 for job, _ in fetched if job.is_open)
    if still_open:
        raise RenderIncomplete(
            f"{still_open} of {len(fetched)} jobs could not be settled: try again later, or "
            "decide by 'lost' or 'again'"
        )


def _tell(outcomes: Sequence[tuple[Job, str]], *, as_json: bool) -> None:
    if as_json:
        print_json([{**_as_json(job), "outcome": words} for job, words in outcomes])
        return
    for job, words in outcomes:
        told = f": {words}" if words else ""
        click.echo(printable(f"job {job.id} ({job.cue or job.backend}): {_state(job)}{told}"))
    if not outcomes:
        click.echo("nothing is left to settle")


def _as_json(job: Job) -> dict[str, Any]:
    return {**asdict(job), "is_open": job.is_open}
