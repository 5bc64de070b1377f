"""Two hundred clips through a network that spoils one answer in five."""

from __future__ import annotations

import json
import time
from collections import Counter

import pytest
from faulty_proxy import AFTER, faulty
from studio import Studio

from musicgen_daw.backends import registry
from musicgen_daw.execution import FailedTake, MadeTake, generate
from musicgen_daw.project import Project
from musicgen_daw.project.jobs import Jobs
from musicgen_daw.store.journal import Journal

CLIPS = 200
SHARE = 0.02
AMBIGUOUS = {*AFTER, "reset", "500"} - {"slow bytes"}


@pytest.mark.slow
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_every_clip_of_a_batch_arrives_or_is_told_and_none_is_paid_twice(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, api: str
) -> None:
    sheet = studio.sheet(*(f"tone {number}" for number in range(CLIPS)))
    with faulty(studio.server.url, SHARE, seed=3) as proxy:
        settings = {"api": api, "at_once": 20, "read_timeout_s": 2, "job_timeout_s": 5}
        for name, value in studio.environment(proxy.url, **settings).items():
            monkeypatch.setenv(name, value)
        project = Project.open(sheet, store=studio.store)
        plan = project.plan(backend="segmind")
        work = [(cue, take) for cue in plan.cues for take in cue.takes]
        requests = {clip.key: clip.request for _, take in work for clip in take.clips}
        with Journal(studio.store / "journal.sqlite", time.time) as journal:
            outcomes = list(generate(work, registry.load, project.store, journal, clock=time.time))

        # Every clip arrived, or is told with a reason.
        assert len(outcomes) == CLIPS
        made = {clip.key for one in outcomes if isinstance(one, MadeTake) for clip in one.clips}
        failed = [one for one in outcomes if isinstance(one, FailedTake)]
        assert all(str(error) for one in failed for error in one.errors)
        assert all(studio.has_clip(key) for key in made)
        assert len(proxy.met) > 8  # the draw brings nearly every fault

        # Only what was refused before it was taken is sent again.
        sent: dict[str, list[str | None]] = {}
        for body, fault in proxy.log:
            sent.setdefault(json.loads(body)["prompt"], []).append(fault)
        for faults in sent.values():
            assert not AMBIGUOUS & set(faults[:-1])
        assert len(proxy.log) == CLIPS + sum(len(faults) - 1 for faults in sent.values())

        # What was paid is stored, or listed as unknown or to be fetched.
        open_keys = {one.key for one in studio.attempts() if not one.is_settled}
        named = {(request.prompt, request.seed): key for key, request in requests.items()}
        paid = studio.paid()
        assert set(paid.values()) == {1}
        assert {named[one] for one in paid} <= made | open_keys
        assert len(paid) == proxy.forwarded

        # The history settles what is unknown, and nothing is sent for that.
        posts = proxy.posts
        settled = list(Jobs(studio.store).fetch())
        assert proxy.posts == posts
        assert len(settled) == len(open_keys)
        left = {name for name, key in named.items() if not studio.has_clip(key)}
        assert paid.keys() & left == set()
        assert paid.keys() | left == named.keys()
        assert studio.paid() == Counter(dict.fromkeys(paid, 1))
