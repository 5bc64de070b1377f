"""Engines that return what is no music: told, tried again within the budget, never silent.

Each defect goes through a whole render, to the manifest and ``verify``, with an engine that costs
money and is installed as any other.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from musicgen_daw import Project
from musicgen_daw.errors import BudgetExceeded, MusicgenDawError
from musicgen_daw.events import ClipFailed, Event, Warned
from musicgen_daw.project.verification import verify
from musicgen_daw.store.journal import Journal

ENGINE = '''
from decimal import Decimal
import numpy as np
from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip, Failed, Finished
from musicgen_daw.errors import BudgetExceeded
from musicgen_daw.planning import Capabilities
from musicgen_daw.planning.price import Price

RATE = 16_000


def nan(tone): tone[0, 100] = np.nan; return tone
def infinite(tone): tone[0, 100] = np.inf; return tone
def empty(tone): return tone[:, :0]
def silent(tone): return tone * 0
def offset(tone): return tone * 0.5 + 0.3
def clipped(tone): return np.clip(tone * 40, -1, 1)
def short(tone): return tone[:, : tone.shape[1] // 2]
def long(tone): return np.tile(tone, 3)
def fading(tone): tone[:, tone.shape[1] // 2 :] = 0; return tone
def loud(tone): return tone * 1e6
def tiny(tone): return tone * 1e-30


class Engine:
    """Makes what the first word of a prompt says; only at the first sending if it says "once"."""

    name, revision = "engine", "1"
    capabilities = Capabilities(
        native_rate=RATE, paid=True, price=Price(per_clip_usd=Decimal("0.04"), spread=Decimal(1))
    )
    sent = []

    def __enter__(self): return self
    def __exit__(self, *_): pass
    def explain(self, request): return {}

    def run(self, requests, checkpoint):
        for one in requests:
            try:
                checkpoint.started(one)
            except BudgetExceeded as error:
                yield Failed(one, error)
                continue
            self.sent.append(one.prompt)
            length = int((one.length_s + one.tail_s) * RATE)
            tone = 0.3 * np.sin(np.arange(length, dtype=np.float32) * 0.1)[np.newaxis]
            word, *rest = one.prompt.split()
            is_again = "once" in rest and self.sent.count(one.prompt) > 1
            if word in globals() and not is_again:
                tone = globals()[word](tone)
            rate = 4_000 if word == "slow" and not is_again else RATE
            clip = Clip({"mix": Audio(tone.astype(np.float32), rate)})
            yield Finished(one, clip, Decimal("0.04"))
'''
LENGTH_S = 3


class Render:
    """What a render of one cue told and left behind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events: list[Event] = []
        self.error: MusicgenDawError | None = None

    def run(self, *prompts: str, **limits: Any) -> Render:
        rows = "".join(f"Cue {n},{LENGTH_S},{prompt}\n" for n, prompt in enumerate(prompts))
        (self.root / "cues.csv").write_text(f"name,length,prompt\n{rows}")
        self.events.clear()
        self.project = Project.open(
            self.root / "cues.csv", output=self.root / "out", store=self.root / "store"
        )
        plan = self.project.plan(backend="engine")
        try:
            for _ in self.project.render(plan, self.events.append, **limits):
                pass
        except MusicgenDawError as error:
            self.error = error
        return self

    @property
    def warnings(self) -> str:
        return "\n".join(event.message for event in self.events if isinstance(event, Warned))

    @property
    def failures(self) -> str:
        return "\n".join(event.reason for event in self.events if isinstance(event, ClipFailed))

    @property
    def mixes(self) -> list[Path]:
        return sorted((self.root / "out").rglob("*_mix.wav"))

    @property
    def facts(self) -> str:
        """What the manifest tells beside the levels of the takes."""
        manifest = json.loads((self.root / "out" / "manifest.json").read_text())
        return json.dumps([take["facts"] for cue in manifest["cues"] for take in cue["takes"]])

    def faults(self) -> list[str]:
        return [str(fault) for fault in verify(self.root / "out", self.project.store)]

    def spent(self) -> Decimal:
        with Journal(self.root / "store" / "journal.sqlite", lambda: 0.0) as journal:
            return journal.spent()

    def states(self) -> list[str]:
        with Journal(self.root / "store" / "journal.sqlite", lambda: 0.0) as journal:
            return [one.state for one in journal.attempts()]


@pytest.fixture
def render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Render:
    folder = tmp_path / "plugins"
    info = folder / "engine-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: engine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[musicgen_daw.backends]\nengine = defective_engine:Engine\n"
    )
    (folder / "defective_engine.py").write_text(ENGINE)
    monkeypatch.syspath_prepend(folder)
    from musicgen_daw.backends import registry

    registry.load("engine").sent.clear()
    return Render(tmp_path)


def sent() -> list[str]:
    from musicgen_daw.backends import registry

    return registry.load("engine").sent


@pytest.mark.parametrize(
    ("defect", "told"), [("nan", "NaN"), ("infinite", "infinite"), ("empty", "empty")]
)
def test_what_is_no_sound_fails_its_cue_and_is_not_bought_again(
    render: Render, defect: str, told: str
) -> None:
    render.run(defect, "tone")
    assert render.error is not None
    assert told in render.failures
    assert [path.parent.name for path in render.mixes] == ["Cue_1"]
    assert render.states() == ["unknown", "finished"]
    render.run(defect, "tone")
    assert render.error is not None
    assert sent() == [defect, "tone"]
    assert render.spent() == Decimal("0.08")


@pytest.mark.parametrize(
    ("defect", "told"),
    [
        ("silent", "is silent"),
        ("tiny", "is silent"),
        ("short", "shorter than asked"),
        ("fading", "is silent for its last"),
    ],
)
def test_missing_music_is_made_again_within_the_budget(
    render: Render, defect: str, told: str
) -> None:
    render.run(f"{defect} once")
    assert render.error is None
    assert "made again with another seed" in render.warnings
    assert told in render.warnings
    assert len(sent()) == 2
    assert "the best of 2 tries" in render.facts
    assert render.faults() == []
    (mix,) = render.mixes
    heard, rate = soundfile.read(mix, always_2d=True)
    assert np.abs(heard[int(rate * (LENGTH_S - 0.6)) :]).max() > 0.01


@pytest.mark.parametrize(
    ("defect", "told"),
    [
        ("silent", "is silent"),
        ("short", "shorter than asked"),
        ("fading", "is silent for its last"),
    ],
)
def test_music_that_stays_missing_is_told_at_every_run_and_in_the_manifest(
    render: Render, defect: str, told: str
) -> None:
    for _ in range(2):
        render.run(defect)
        assert told in render.warnings
        assert told in render.facts
    assert len(sent()) == 2  # bounded, and not once more with every run


def test_there_is_no_second_try_where_the_budget_does_not_pay_for_it(render: Render) -> None:
    render.run("silent once", budget_usd=Decimal("0.05"))
    assert len(sent()) == 1
    assert render.spent() == Decimal("0.04")
    assert "was not made again" in render.warnings
    assert not isinstance(render.error, BudgetExceeded)  # all that was asked for is there
    assert "is silent" in render.facts


@pytest.mark.parametrize(
    ("defect", "told"),
    [
        ("offset", "DC offset"),
        ("clipped", "is clipped"),
        ("slow", "4000 Hz where its generator promises 16000 Hz"),
    ],
)
def test_what_can_be_worked_with_is_told_when_it_is_made_and_in_the_manifest(
    render: Render, defect: str, told: str
) -> None:
    render.run(defect)
    assert told in render.warnings
    for _ in range(2):
        assert told in render.facts
        render.run(defect)
    assert len(sent()) == 1
    assert render.faults() == []


@pytest.mark.parametrize("defect", ["tone", "offset", "clipped", "loud", "slow", "long"])
def test_whatever_was_wrong_a_mix_has_its_length_no_offset_and_keeps_its_ceiling(
    render: Render, defect: str
) -> None:
    render.run(defect)
    assert render.error is None
    (mix,) = render.mixes
    heard, rate = soundfile.read(mix, always_2d=True)
    assert len(heard) == LENGTH_S * rate
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() < 10 ** (-0.9 / 20)
    assert abs(heard.mean(axis=0)).max() < 0.01
    assert render.faults() == []
