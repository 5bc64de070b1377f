"""What became of an earlier call, without paying again: by its id, else from the history.

A history that lacks a call proves nothing: it may lag behind, or end before it. That a call failed
is proved under its own id, or by the only entry that can be meant, where that tells no cost.
"""

from __future__ import annotations

from collections.abc import Sequence

from musicgen_daw.backends.base import Failed, Outcome, Unknown
from musicgen_daw.backends.segmind.asking import Ask, ask
from musicgen_daw.backends.segmind.calling import outcome_of
from musicgen_daw.backends.segmind.client import SegmindClient
from musicgen_daw.backends.segmind.failures import ApiError, JobFailed, Vanished
from musicgen_daw.backends.segmind.fetching import Fetcher
from musicgen_daw.backends.segmind.history import PastRequest
from musicgen_daw.backends.segmind.wire import JobStatus, Reply
from musicgen_daw.errors import Ambiguous, Rejected
from musicgen_daw.planning import ClipRequest

__all__ = ["recall"]

_CLOCKS_DIFFER_S = 300
_LONGEST_S = 3600
"""How long after it was sent a call may be noted by the service."""
_SAME_LENGTH_S = 0.01
_ROUNDED_S = 1
"""By how much an instant is early that is told in whole seconds."""


def recall(
    client: SegmindClient,
    fetcher: Fetcher,
    request: ClipRequest,
    provider_id: str | None,
    started_s: float,
) -> Outcome:
    """Return what became of a call that was sent at ``started_s`` (seconds since the epoch)."""
    if provider_id is not None:
        try:
            return outcome_of(request, ask(request), fetcher.fetch(provider_id))
        except JobFailed as error:
            return Failed(request, error)
        except Vanished:
            pass  # its file may be kept longer than its id
        except ApiError as error:
            return Unknown(request, error, error.cost_usd, error.evidence)
    try:
        return _from_history(client, request, provider_id, started_s)
    except ApiError as error:
        return Unknown(request, error, error.cost_usd, error.evidence)


def _from_history(
    client: SegmindClient, request: ClipRequest, provider_id: str | None, started_s: float
) -> Outcome:
    asked = ask(request)
    since_s = started_s - _CLOCKS_DIFFER_S
    past = client.history(since_s)
    own = [] if provider_id is None else [each for each in past if each.request_id == provider_id]
    # The id of a call that brought no clip need not be the one of the history.
    found = own or [each for each in past if _is_it(each, asked, since_s, started_s + _LONGEST_S)]
    for entry in found:
        if entry.output_url is not None and entry.status is not JobStatus.FAILED:
            return outcome_of(request, asked, _past(client, entry, entry.output_url))
    if any(entry.status is JobStatus.FAILED for entry in own) or _surely_failed(
        found, past, asked, started_s
    ):
        return Failed(request, Rejected("the service's history says that it failed"))
    told = "tells no sound for it" if found else "doesn't show it"
    return Unknown(request, Ambiguous(f"the service's history {told}"))


def _surely_failed(
    found: Sequence[PastRequest], past: Sequence[PastRequest], asked: Ask, started_s: float
) -> bool:
    """Tell whether the only entry that can be meant failed and cost nothing.

    An earlier try at the same clip, which may stand there before this one does, is older than
    this one was when it was sent; an entry that tells too little may be meant as well.
    """
    since_s, until_s = started_s - _CLOCKS_DIFFER_S, started_s + _LONGEST_S
    meant = [each for each in past if _can_be_it(each, asked, since_s, until_s)]
    if len(found) != 1 or meant != found:
        return False
    (entry,) = found
    is_of_this_try = entry.created_s is not None and entry.created_s >= started_s - _ROUNDED_S
    return entry.status is JobStatus.FAILED and entry.cost_usd == 0 and is_of_this_try


def _past(client: SegmindClient, entry: PastRequest, url: str) -> Reply:
    return Reply(
        client.fetch(url), cost_usd=entry.cost_usd, request_id=entry.request_id, seed=entry.seed
    )


def _is_it(entry: PastRequest, asked: Ask, since_s: float, until_s: float) -> bool:
    """Tell whether an entry is the call that asked for this: all must be told, and fit."""
    told = (entry.prompt, entry.seed, entry.duration_s, entry.created_s)
    return None not in told and _can_be_it(entry, asked, since_s, until_s)


def _can_be_it(entry: PastRequest, asked: Ask, since_s: float, until_s: float) -> bool:
    """Tell whether nothing that an entry tells speaks against its being the call."""
    duration_s, created_s = entry.duration_s, entry.created_s
    return (
        entry.prompt in (None, asked.prompt)
        and entry.seed in (None, asked.seed)
        and (duration_s is None or abs(float(duration_s) - asked.duration_s) < _SAME_LENGTH_S)
        and (created_s is None or since_s <= created_s <= until_s)
    )
