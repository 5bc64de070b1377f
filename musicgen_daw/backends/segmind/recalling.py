"""What became of an earlier call, without paying again: by its id, else from the history.

A history that lacks a call proves nothing: it may lag behind, or end before it.
"""

from __future__ import annotations

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
    # By its parameters alone it may be an earlier try that failed.
    if any(entry.status is JobStatus.FAILED for entry in own):
        return Failed(request, Rejected("the service's history says that it failed"))
    told = "tells no sound for it" if found else "doesn't show it"
    return Unknown(request, Ambiguous(f"the service's history {told}"))


def _past(client: SegmindClient, entry: PastRequest, url: str) -> Reply:
    return Reply(
        client.fetch(url), cost_usd=entry.cost_usd, request_id=entry.request_id, seed=entry.seed
    )


def _is_it(entry: PastRequest, asked: Ask, since_s: float, until_s: float) -> bool:
    """Tell whether an entry is the call that asked for this: all that it tells must fit."""
    return (
        entry.prompt == asked.prompt
        and entry.seed == asked.seed
        and entry.duration_s is not None
        and abs(float(entry.duration_s) - asked.duration_s) < _SAME_LENGTH_S
        and entry.created_s is not None
        and since_s <= entry.created_s <= until_s
    )
