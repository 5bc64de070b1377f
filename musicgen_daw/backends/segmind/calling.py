"""One clip of a run: sent once, sent again only where nothing was taken, and fetched.

The order of the notes keeps the money safe: an intent before every POST, the service's id right
after it, a refusal before the next try. Where it isn't sure that a POST was refused, the clip is
unknown, and no second POST is made for it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from random import Random

from musicgen_daw.backends.base import Checkpoint, Clip, Failed, Finished, Outcome, Unknown
from musicgen_daw.backends.segmind.asking import Ask, ask, facts
from musicgen_daw.backends.segmind.backoff import Patience
from musicgen_daw.backends.segmind.client import SegmindClient
from musicgen_daw.backends.segmind.config import SegmindConfig
from musicgen_daw.backends.segmind.crew import Halt
from musicgen_daw.backends.segmind.failures import (
    ApiAmbiguous,
    ApiCredentials,
    ApiError,
    ApiQuota,
    ApiRejected,
    ApiTransient,
    JobFailed,
    OutOfCredits,
)
from musicgen_daw.backends.segmind.fetching import Fetcher, told_wait_s
from musicgen_daw.backends.segmind.payload import decode_clip
from musicgen_daw.backends.segmind.versions import NO_SUCH_MODEL, ApiVersions
from musicgen_daw.backends.segmind.wire import Reply, Submitted, encode_request
from musicgen_daw.errors import (
    Ambiguous,
    AudioError,
    BackendError,
    BudgetExceeded,
    Credentials,
    MusicgenDawError,
    Rejected,
)
from musicgen_daw.planning import ClipRequest

__all__ = ["Calling", "outcome_of"]

_FOR_ALL = NO_SUCH_MODEL | {301, 302, 307, 308}
"""What the service says of the address and not of a clip, as long as it has taken none."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Nothing was taken, and it may be sent again: at once, or after a wait."""

    error: ApiError
    at_once: bool = False


class Calling:
    """The calls of one run. All its threads share it."""

    def __init__(
        self,
        client: SegmindClient,
        config: SegmindConfig,
        versions: ApiVersions,
        checkpoint: Checkpoint,
        halt: Halt,
        *,
        clock: Callable[[], float],
        wait: Callable[[float], object],
        fetcher: Fetcher,
        random: Random,
    ) -> None:
        self._client = client
        self._config = config
        self._versions = versions
        self._checkpoint = checkpoint
        self._halt = halt
        self._clock = clock
        self._wait = wait
        self._fetcher = fetcher
        self._random = random
        self._patience = Patience(tries=config.tries, longest_told_s=config.longest_wait_s)
        self._taken = 0  # calls that the service took
        self.failure: Exception | None = None  # of a note on what is paid and goes on

    def make(self, request: ClipRequest) -> Outcome | None:
        """Return what became of a clip, ``None`` where it was not sent or nobody waits for it."""
        if self._halt.no_more.is_set() and isinstance(self._halt.error, Credentials | None):
            return self._unsent(request)
        asked = ask(request)
        request_id = self._checkpoint.accepted_id(request)
        if request_id is not None:
            reply = self._fetched(request, request_id)
        else:
            reply = self._bought(request, asked)
        if isinstance(reply, Reply | Unknown) and reply.cost_usd is not None:
            self._checkpoint.charged(request, reply.cost_usd)
        if not isinstance(reply, Reply):
            return reply
        self._tell_balance(reply.balance_usd)
        return outcome_of(request, asked, reply)

    # -- sending -------------------------------------------------------------------------------

    def _bought(self, request: ClipRequest, asked: Ask) -> Reply | Outcome | None:
        """Send a clip until it is taken, or refused for good."""
        try:
            encode_request(asked.prompt, asked.duration_s, asked.seed)
        except Rejected as error:
            return Failed(request, error)
        tried, waited_s, taken_before = 0, 0.0, self._taken
        refusal: ApiError | None = None
        while not self._halt.no_more.is_set():
            sent = self._sent(request, asked)
            if not isinstance(sent, _Refusal):
                return sent
            if sent.at_once:
                continue
            tried += 1
            delay_s = self._delay_s(sent.error, tried, waited_s)
            if delay_s is None:
                # Where the service took nothing from anybody meanwhile, it takes nothing now.
                if self._taken == taken_before:
                    self._halt.stop(sent.error)
                return Failed(request, sent.error)
            self._checkpoint.refused(request, str(sent.error))
            if isinstance(sent.error, ApiQuota):
                self._checkpoint.slow_down(self._config.limits, self._clock() + delay_s)
            self._checkpoint.warn(
                request, f"{sent.error}; tried again in {delay_s:.1f} s, {tried} of {self._most}"
            )
            refusal = sent.error
            waited_s += delay_s
            self._wait(delay_s)
        return self._unsent(request, refusal)

    @property
    def _most(self) -> int:
        return self._patience.tries - 1

    def _delay_s(self, error: ApiError, tried: int, waited_s: float) -> float | None:
        told_s = None
        if isinstance(error, ApiQuota | ApiTransient):
            told_s = told_wait_s(error, self._clock())
        return self._patience.delay_s(tried, waited_s, told_s, self._random)

    def _sent(self, request: ClipRequest, asked: Ask) -> Reply | Outcome | _Refusal | None:
        """Send a clip once, when it is its turn; the turn lasts until the service is done."""
        try:
            with self._checkpoint.turn(self._config.limits, self._halt.no_more.is_set):
                try:
                    self._checkpoint.started(request)
                except BudgetExceeded as error:
                    self._halt.stop(error)
                    return Failed(request, error)
                except Ambiguous as error:
                    return Failed(request, error)
                if self._halt.no_more.is_set():
                    self._checkpoint.refused(request, "the run was stopped before it was sent")
                    return self._unsent(request)
                return self._posted(request, asked)
        except CancelledError:
            return self._unsent(request)

    def _posted(self, request: ClipRequest, asked: Ask) -> Reply | Outcome | _Refusal | None:
        is_v2 = self._versions.is_v2(request)
        answer: Reply | Submitted
        try:
            if is_v2:
                answer = self._client.submit(asked.prompt, asked.duration_s, asked.seed)
            else:
                answer = self._client.generate(
                    asked.prompt, asked.duration_s, asked.seed, on_id=partial(self._note, request)
                )
        except ApiError as error:
            return self._not_taken(request, error, is_v2=is_v2)
        except Exception as error:  # noqa: BLE001  # it was sent, whatever went wrong then
            # By its kind only: a strange error may quote what was sent, and the key with it.
            reason = f"the call broke ({type(error).__name__}): it may have been billed"
            return Unknown(request, Ambiguous(reason))
        self._taken += 1
        if isinstance(answer, Reply):
            return answer
        is_noted = self._note(request, answer.request_id)
        self._tell_balance(answer.balance_usd)
        fetched = self._fetched(request, answer.request_id, answer)
        if fetched is None and not is_noted:
            reason = f"job {answer.request_id} was taken, but its id could not be noted"
            return Unknown(request, Ambiguous(reason), answer.cost_usd)
        return fetched

    def _note(self, request: ClipRequest, request_id: str) -> bool:
        """Note the id of what was taken. Where that fails nothing more is sent, but what is paid
        goes on: its sound may still find room.
        """
        try:
            self._checkpoint.accepted(request, request_id)
        except Exception as failure:  # noqa: BLE001  # raised when all that is under way has come
            self.failure = self.failure or failure
            self._halt.stop()
            return False
        return True

    def _not_taken(
        self, request: ClipRequest, error: ApiError, *, is_v2: bool
    ) -> Outcome | _Refusal:
        """Return what is to be done where a POST brought no result."""
        self._tell_balance(error.told.balance_usd)
        if isinstance(error, ApiQuota | ApiTransient):
            return _Refusal(error)
        if isinstance(error, OutOfCredits):
            short = BudgetExceeded(str(error))
            self._halt.stop(short)
            return Failed(request, short)
        if not isinstance(error, ApiRejected | ApiCredentials):
            if error.request_id is not None:  # by which a user may ask for it
                self._note(request, error.request_id)
            return Unknown(request, error, error.cost_usd, error.evidence)
        if is_v2 and self._versions.lacks_v2(error.status):
            self._checkpoint.refused(request, str(error))
            return _Refusal(error, at_once=True)
        is_for_all = error.status in _FOR_ALL and not self._taken
        if is_for_all or isinstance(error, ApiCredentials):
            self._halt.stop(error)
        return Failed(request, error)

    # -- fetching ------------------------------------------------------------------------------

    def _fetched(
        self, request: ClipRequest, request_id: str, new: Submitted | None = None
    ) -> Reply | Outcome | None:
        """Fetch a result; where that fails, the clip stays one that can be fetched.

        ``new`` is what was told when it was submitted just now.
        """
        told_usd = None if new is None else new.cost_usd
        try:
            reply = self._fetcher.fetch(request_id, is_new=new is not None)
        except CancelledError:
            return None
        except JobFailed as error:
            if told_usd:
                reason = f"{error}; when it was submitted, {told_usd:f} USD was told as its cost"
                return Unknown(request, ApiAmbiguous(reason, error.told), told_usd)
            return Failed(request, error)
        except ApiError as error:
            if isinstance(error, ApiCredentials):
                self._halt.stop(error)
            cost_usd = told_usd if error.cost_usd is None else error.cost_usd
            return Unknown(request, error, cost_usd, error.evidence)
        except MusicgenDawError:  # of the checkpoint
            raise
        except Exception as error:  # noqa: BLE001  # it is paid, and others may wait for its price
            reason = f"fetching job {request_id} broke ({type(error).__name__})"
            return Unknown(request, Ambiguous(reason), told_usd)
        return reply if reply.cost_usd is not None else replace(reply, cost_usd=told_usd)

    def _tell_balance(self, usd: Decimal | None) -> None:
        if usd is not None:
            self._checkpoint.balance(usd)

    def _unsent(self, request: ClipRequest, refusal: BackendError | None = None) -> Outcome | None:
        """Return what is told of a clip that was not sent, or was refused and not sent again."""
        error = self._halt.error or refusal
        return None if error is None or self._halt.abandoned.is_set() else Failed(request, error)


def outcome_of(request: ClipRequest, asked: Ask, reply: Reply) -> Finished | Unknown:
    """Return the clip in a reply; where it can't be read, it is not paid for a second time."""
    told_id = f" [request {reply.request_id}]" if reply.request_id else ""
    try:
        audio = decode_clip(reply.body)
    except Exception as error:  # noqa: BLE001  # it is paid, whatever is wrong with it
        fault = str(error) if isinstance(error, AudioError) else type(error).__name__
        unread = ApiAmbiguous(f"what the service sent can't be used: {fault}{told_id}")
        return Unknown(request, unread, reply.cost_usd, reply.body)
    clip = Clip(
        {"mix": audio},
        facts=facts(asked, request_id=reply.request_id, seed=reply.seed, cost_usd=reply.cost_usd),
    )
    return Finished(request, clip, reply.cost_usd)
