"""The hosted MusicGen as a generator like any other: paid, and with many calls under way."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Self

from musicgen_daw import settings
from musicgen_daw.backends.base import Checkpoint, Outcome
from musicgen_daw.backends.segmind.asking import MARGIN_S
from musicgen_daw.backends.segmind.config import SegmindConfig, resolve
from musicgen_daw.backends.segmind.credentials import ApiKey, find_key
from musicgen_daw.backends.segmind.crew import Halt, outcomes_of
from musicgen_daw.backends.segmind.failures import ApiCredentials, ApiError
from musicgen_daw.backends.segmind.versions import ApiVersions
from musicgen_daw.backends.segmind.wire import MAX_DURATION_S, MAX_SEED
from musicgen_daw.errors import Credentials
from musicgen_daw.planning import Capabilities, ClipRequest
from musicgen_daw.planning.price import Price

# What loads the HTTP library and the decoder is loaded when it is needed: a plan needs neither.
if TYPE_CHECKING:
    from musicgen_daw.backends.segmind.client import SegmindClient
    from musicgen_daw.backends.segmind.fetching import Fetcher

__all__ = ["SegmindBackend"]

_GET_S = 60.0  # how long an answer may take for which nothing is generated
_TRICKLE = 1.5
"""How much longer than the wait for its begin a whole answer may take, however it trickles."""

_RECOVERY_TIMEOUT_S = 30.0
"""How long a job that is still being made is waited for where a user asks what became of it."""


class SegmindBackend:
    """The hosted MusicGen, or a server that speaks its API.

    By itself it is called as the user's settings and environment say, with the key that they
    name. ``clock`` tells seconds since the epoch; ``pause`` waits for an event, at most so many
    seconds, and tells whether it came.

    Raises:
        SettingsError: where the settings or the environment are wrong.
    """

    name = "segmind"
    capabilities = Capabilities(
        max_s=MAX_DURATION_S - MARGIN_S,
        min_seed=0,  # -1 lets the service draw one: no clip could be made a second time
        max_seed=MAX_SEED,
        obeys_negative=False,
        paid=True,
        # Told by the service: 0.037 to 0.041 USD and 22 s for an average call, which is about
        # 10 s of music; 0.0017 USD for a second of its GPU, so that 30 s may cost 0.11 USD. The
        # margin that is asked for beyond each clip is the price of a clip.
        price=Price(
            per_clip_usd=Decimal("0.0018"),
            per_second_usd=Decimal("0.0037"),
            spread=Decimal(2),
        ),
        licence=(
            "Made by MusicGen, whose weights are CC BY-NC 4.0: not for commercial use, unless the "
            "terms of the hosted service, which the user has to check, give more."
        ),
    )

    def __init__(
        self,
        config: SegmindConfig | None = None,
        *,
        key: ApiKey | None = None,
        environment: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
        pause: Callable[[Event, float], bool] = Event.wait,
        random: Random | None = None,
    ) -> None:
        self._environment = os.environ if environment is None else environment
        if config is None:
            config = resolve(
                settings.load(environment=self._environment).segmind, self._environment
            )
        self.config = config
        self.revision = config.revision
        self._key = key
        self._clock = clock
        self._pause = pause
        self._random = random or Random()  # noqa: S311  # for waits, not for secrets
        self._versions = ApiVersions(config.api)
        self._client: SegmindClient | None = None
        self._is_stopped = False
        self._halts: set[Halt] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Find the key and get ready; nothing is sent.

        Raises:
            Credentials: where there is no key.
        """
        key = self._key or find_key(self._environment)
        from musicgen_daw.backends.segmind.client import FOR_FILES, SegmindClient, Timeouts

        config = self.config
        self._client = SegmindClient(
            config.base_url,
            key,
            model=config.model,
            history_url=config.history_url,
            timeouts=Timeouts(
                connect_s=config.connect_timeout_s,
                read_s=config.read_timeout_s,
                whole_s=config.read_timeout_s * _TRICKLE,
                get_s=min(_GET_S, config.read_timeout_s),
                whole_get_s=min(_GET_S, config.read_timeout_s) * _TRICKLE,
            ),
            patience=replace(FOR_FILES, longest_told_s=config.longest_wait_s),
            clock=self._clock,
            random=self._random,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections; a call that is under way is not waited for."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def explain(self, request: ClipRequest) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's
        """Return what is done with the words; what the service makes of them it doesn't tell."""
        return {"prompt": "sent as it is"}

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        """Yield an outcome for each request, as they finish; many are under way at once.

        A request fails alone, but for what concerns them all: a refused key, no credit, a passed
        cap, a service that takes nothing. After it nothing more is sent, and the others fail with
        the same error. Where the checkpoint raises anything else, it is raised here once all that
        is under way has come.
        """
        from musicgen_daw.backends.segmind.calling import Calling

        client = self._opened()
        halt = Halt()
        with self._lock:
            self._halts.add(halt)
            if self._is_stopped:
                halt.dismiss()
        try:
            if requests and not halt.no_more.is_set():
                self._ask_for_the_balance(client, requests[0], checkpoint, halt)
            calling = Calling(
                client,
                self.config,
                self._versions,
                checkpoint,
                halt,
                clock=self._clock,
                wait=lambda delay_s: self._pause(halt.no_more, delay_s),
                fetcher=self._fetcher(
                    client,
                    self.config.job_timeout_s,
                    lambda delay_s: self._pause(halt.dismissed, delay_s),
                    lambda until_s: checkpoint.slow_down(self.config.limits, until_s),
                ),
                random=self._random,
            )
            yield from outcomes_of(requests, calling.make, halt, threads=self.config.at_once)
            if calling.failure is not None:
                raise calling.failure
        finally:
            halt.abandon()
            with self._lock:
                self._halts.discard(halt)

    def stop_sending(self) -> None:
        """Send nothing more; outcomes of calls that are under way still come.

        A job that was taken under a noted id is not waited for: a later run fetches it.
        """
        with self._lock:
            self._is_stopped = True
            for halt in self._halts:
                halt.dismiss()

    def recover(self, request: ClipRequest, provider_id: str | None, started_s: float) -> Outcome:
        """Fetch the result of an earlier call: by its id, else from the service's history."""
        from musicgen_daw.backends.segmind.recalling import recall

        client = self._opened()
        nobody = Event()
        fetcher = self._fetcher(
            client,
            min(_RECOVERY_TIMEOUT_S, self.config.job_timeout_s),
            lambda delay_s: self._pause(nobody, delay_s),
            lambda _: None,
        )
        return recall(client, fetcher, request, provider_id, started_s)

    def _opened(self) -> SegmindClient:
        if self._client is None:
            raise RuntimeError("a generator is entered before it is used")
        return self._client

    def _fetcher(
        self,
        client: SegmindClient,
        job_timeout_s: float,
        wait: Callable[[float], bool],
        slow_down: Callable[[float], None],
    ) -> Fetcher:
        from musicgen_daw.backends.segmind.fetching import Fetcher

        return Fetcher(
            client,
            job_timeout_s,
            longest_wait_s=self.config.longest_wait_s,
            wait=wait,
            clock=self._clock,
            random=self._random,
            slow_down=slow_down,
        )

    def _ask_for_the_balance(
        self, client: SegmindClient, request: ClipRequest, checkpoint: Checkpoint, halt: Halt
    ) -> None:
        """Tell the balance before anything is spent; a service may have no answer to that."""
        try:
            checkpoint.balance(client.credits())
        except ApiCredentials as error:
            halt.stop(error)
        except (ApiError, Credentials) as error:
            checkpoint.warn(request, f"the balance is not known: {error}")
