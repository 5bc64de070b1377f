"""What a render tells of money and keys at its end, with a paid generator that is installed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from musicgen_daw import Project
from musicgen_daw.errors import BackendError, BudgetExceeded, Credentials, RenderIncomplete
from musicgen_daw.events import Event, RunFinished, Warned
from musicgen_daw.planning import PlanOptions
from musicgen_daw.project.clip import make_clip
from musicgen_daw.store.journal import Journal

GENERATOR = """
from decimal import Decimal
import numpy as np
from musicgen_daw.audio import Audio
from musicgen_daw.backends.base import Clip, Failed, Finished
from musicgen_daw.errors import BudgetExceeded, Credentials, Transient
from musicgen_daw.planning import Capabilities
from musicgen_daw.planning.price import Price


class Mint:
    name, revision = "mint", "1"
    capabilities = Capabilities(paid=True, price=Price(per_second_usd=Decimal("0.004")))
    sent = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def explain(self, request):
        return {}

    def run(self, requests, checkpoint):
        for one in requests:
            if "nobody" in one.prompt:
                yield Failed(one, Transient("nobody answers"))
                continue
            if "refused" in one.prompt:
                yield Failed(one, Credentials("the key is refused"))
                continue
            try:
                checkpoint.started(one)
            except BudgetExceeded as error:
                yield Failed(one, error)
                continue
            self.sent.append(one.seed)
            length = int((one.length_s + one.tail_s) * 16000)
            loud = 0 if "silent" in one.prompt and len(self.sent) == 1 else 0.3
            tone = loud * np.sin(np.arange(length) * 0.1)
            cost = (one.length_s + one.tail_s) * 4
            yield Finished(
                one,
                Clip({"mix": Audio(tone[np.newaxis].astype(np.float32), 16000)}),
                Decimal(cost.numerator) / Decimal(cost.denominator) / 1000,
            )
"""


@pytest.fixture(autouse=True)
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Installs the generator, and tells the seeds that it was sent."""
    folder = tmp_path / "plugins"
    info = folder / "mint-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mint\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[musicgen_daw.backends]\nmint = mint_plugin:Mint\n")
    (folder / "mint_plugin.py").write_text(GENERATOR)
    monkeypatch.syspath_prepend(folder)
    from musicgen_daw.backends import registry

    seeds = registry.load("mint").sent
    seeds.clear()
    return seeds


def render(tmp_path: Path, *prompts: str, **limits) -> list[Event]:
    sheet = tmp_path / "cues.csv"
    rows = "".join(f"Cue {number},2,{prompt}\n" for number, prompt in enumerate(prompts))
    sheet.write_text(f"name,length,prompt\n{rows}")
    project = Project.open(sheet, output=tmp_path / "out", store=tmp_path / "store")
    events: list[Event] = []
    for _ in project.render(project.plan(backend="mint"), events.append, **limits):
        pass
    return events


def mixes(tmp_path: Path) -> int:
    return len(list((tmp_path / "out").rglob("*_mix.wav")))


def test_the_end_tells_what_was_spent(tmp_path: Path, sent: list[int]) -> None:
    *_, end = render(tmp_path, "a", "b")
    assert isinstance(end, RunFinished)
    with Journal(tmp_path / "store" / "journal.sqlite", lambda: 0.0) as journal:
        assert end.spent_usd == journal.spent(str((tmp_path / "out").resolve())) > 0
    *_, end = render(tmp_path, "a", "b")
    assert isinstance(end, RunFinished)
    assert end.spent_usd == 0
    assert len(sent) == 2


def test_a_budget_stops_the_run_hands_over_what_is_finished_and_tells_the_rest(
    tmp_path: Path, sent: list[int]
) -> None:
    with pytest.raises(BudgetExceeded) as caught:
        render(tmp_path, *"abcdef", budget_usd=Decimal("0.03"))
    assert caught.value.exit_code == 5
    assert "USD was spent; " in str(caught.value)
    assert f"{6 - len(sent)} clips are left to make, for about" in str(caught.value)
    assert len(sent) == mixes(tmp_path) == 3
    assert (tmp_path / "out" / "manifest.json").exists()
    render(tmp_path, *"abcdef", budget_usd=Decimal(9))
    assert (len(sent), mixes(tmp_path)) == (6, 6)


def test_a_refused_key_is_told_with_its_own_code(tmp_path: Path) -> None:
    with pytest.raises(Credentials, match="the rest is done: the key is refused") as caught:
        render(tmp_path, "a", "refused", "nobody")
    assert caught.value.exit_code == 6
    assert mixes(tmp_path) == 1


def test_a_key_that_is_refused_for_all_is_not_told_as_if_anything_were_done(
    tmp_path: Path,
) -> None:
    with pytest.raises(Credentials, match=r"more.*, nothing could be made: the key is refused"):
        render(tmp_path, "refused", "refused too")


def test_a_generator_that_makes_nothing_at_all_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="nothing could be made: nobody answers") as caught:
        render(tmp_path, "nobody", "nobody there")
    assert caught.value.exit_code == 7


def test_where_something_was_made_the_rest_is_incomplete(tmp_path: Path) -> None:
    with pytest.raises(RenderIncomplete, match=r"and 1 more\), the rest is done: nobody answers"):
        render(tmp_path, "a", "nobody", "nobody there")
    assert mixes(tmp_path) == 1


def test_a_clip_that_was_tried_again_is_told_in_the_manifest(
    tmp_path: Path, sent: list[int]
) -> None:
    events = render(tmp_path, "silent")
    assert len(sent) == 2
    assert any("made again" in event.message for event in events if isinstance(event, Warned))
    manifest = (tmp_path / "out" / "manifest.json").read_text()
    assert f"the best of 2 tries, made with seed {sent[1]}" in manifest


def test_one_try_is_all_that_is_bought_where_that_is_asked(tmp_path: Path, sent: list[int]) -> None:
    render(tmp_path, "silent", tries=1)
    assert len(sent) == 1


def test_a_single_clip_keeps_to_its_budget(tmp_path: Path, sent: list[int]) -> None:
    def clip(budget: str) -> None:
        make_clip(
            "a",
            Fraction(2),
            tmp_path / "a.wav",
            flags=PlanOptions(backend="mint"),
            store=tmp_path / "store",
            budget_usd=Decimal(budget),
        )

    with pytest.raises(BudgetExceeded, match=r"of the budget of 0\.0010 USD"):
        clip("0.001")
    assert sent == []
    clip("1")
    assert len(sent) == 1
