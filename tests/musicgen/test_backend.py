"""The engine behind the protocol: from a sheet to stems, on a checkpoint with random weights."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw import Project  # noqa: E402
from musicgen_daw.backends.base import Failed, Finished  # noqa: E402
from musicgen_daw.backends.musicgen import MusicgenBackend  # noqa: E402
from musicgen_daw.errors import BackendError, Rejected  # noqa: E402
from musicgen_daw.events import ClipFinished, TakeFinished  # noqa: E402
from musicgen_daw.planning import Choice, ClipRequest  # noqa: E402
from musicgen_daw.project.verification import verify  # noqa: E402

CHASE = Path(__file__).parents[2] / "examples" / "chase" / "chase.mid"


class Started:
    """A checkpoint that remembers in what order work began."""

    def __init__(self) -> None:
        self.lengths_s: list[float] = []
        self.done_s: dict[int, list[float]] = {}

    def started(self, request: ClipRequest) -> None:
        self.lengths_s.append(float(request.length_s))

    def progress(self, request: ClipRequest, done_s: float) -> None:
        self.done_s.setdefault(request.seed, []).append(done_s)


def request(length_s: str = "0.5", seed: int = 1, **other: object) -> ClipRequest:
    return ClipRequest("musicgen", "1", "dark strings", Fraction(length_s), seed, **other)


@pytest.fixture
def backend(reference) -> MusicgenBackend:
    return MusicgenBackend(str(reference("tiny").folder), environment={})


def outcomes(backend: MusicgenBackend, *requests: ClipRequest) -> dict:
    with backend:
        return {outcome.request: outcome for outcome in backend.run(requests, Started())}


@pytest.fixture
def chase(reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The film example, to be made by a tiny checkpoint."""
    monkeypatch.setenv("MUSICGEN_DAW_MODEL", str(reference("tiny").folder))
    sheet = shutil.copy(CHASE, tmp_path)
    return Project.open(sheet, output=tmp_path / "out", store=tmp_path / "store")


def render(project: Project, stop_after: int | None = None) -> tuple[int, int, int]:
    """Return how many clips were made and how many taken from the store, and files written."""
    events: list[object] = []
    plan = project.plan(backend="musicgen")
    with closing(project.render(plan, events.append)) as stems:
        for _ in stems:
            clips = [e for e in events if isinstance(e, ClipFinished) and not e.from_store]
            if stop_after is not None and len(clips) >= stop_after:
                break
    ends = [event for event in events if isinstance(event, ClipFinished)]
    stored = sum(end.from_store for end in ends)
    written = sum(event.written for event in events if isinstance(event, TakeFinished))
    return len(ends) - stored, stored, written


@pytest.mark.slow
def test_a_sheet_becomes_stems_goes_on_where_it_was_stopped_and_is_made_once(
    chase: Project, tmp_path
) -> None:
    made, _, written = render(chase, stop_after=2)  # one of the five is longer than a window
    assert 2 <= made < 5
    assert render(chase) == (5 - made, made, 5 - written)
    assert render(chase) == (0, 5, 0)
    verify(tmp_path / "out", tmp_path / "store")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    licences = {
        stem["licence"] for cue in manifest["cues"] for t in cue["takes"] for stem in t["stems"]
    }
    assert all("CC-BY-NC 4.0" in licence for licence in licences)


@pytest.mark.parametrize("length_s", ["0.5", "1/3", "0.0001", "1.2345"])
@pytest.mark.parametrize("name", ["tiny", "tiny-stereo"])
def test_a_clip_has_exactly_the_length_and_channels_asked(reference, name, length_s) -> None:
    asked = request(length_s, tail_s=Fraction("0.25"))
    backend = MusicgenBackend(str(reference(name).folder), environment={})
    outcome = outcomes(backend, asked)[asked]
    assert isinstance(outcome, Finished)
    mix = outcome.clip.stems["mix"]
    seconds = Fraction(length_s) + Fraction("0.25")
    assert mix.length_samples == int(seconds * 32_000 + Fraction(1, 2))
    assert mix.channels == (2 if name == "tiny-stereo" else 1)
    assert mix.sample_rate == backend.capabilities.native_rate


def test_the_longest_clips_begin_first_and_each_comes_as_it_ends(backend) -> None:
    started = Started()
    with backend, closing(backend.run([request(s) for s in ("0.2", "0.6", "0.4")], started)) as run:
        ended = [float(outcome.request.length_s) for outcome in run]
    assert started.lengths_s == [0.6, 0.4, 0.2]
    assert ended == [0.2, 0.4, 0.6]


def test_progress_is_told_once_a_second_of_each_clip(backend) -> None:
    started = Started()
    with backend:
        list(backend.run([request("2.5", seed=1), request("1", seed=2)], started))
    assert started.done_s == {1: [1.0, 2.0], 2: [1.0]}


@pytest.mark.parametrize("batch", [1, 2])
def test_no_more_clips_are_made_at_once_than_is_said(reference, batch) -> None:
    backend = MusicgenBackend(str(reference("tiny").folder), batch=batch, environment={})
    requests = [request("0.2", seed=seed) for seed in range(3)]
    begun: list[int] = []

    class Watching(Started):
        def started(self, request: ClipRequest) -> None:
            begun.append(request.seed)

    with backend, closing(backend.run(requests, Watching())) as run:
        at_each_end = [len(begun) for _ in run]
    assert at_each_end[0] == batch
    assert backend.revision == MusicgenBackend(backend._default.model, environment={}).revision


def test_a_batch_that_is_no_number_is_told() -> None:
    with pytest.raises(BackendError, match="MUSICGEN_DAW_BATCH is 'many', not a whole number from"):
        MusicgenBackend(environment={"MUSICGEN_DAW_BATCH": "many"})


def test_the_same_request_is_the_same_sound_and_another_seed_another(backend) -> None:
    one, two = request(seed=1), request(seed=2)
    first, second = outcomes(backend, one, two), outcomes(backend, one)
    sounds = [found[one].clip.stems["mix"].samples for found in (first, second)]
    assert (sounds[0] == sounds[1]).all()
    assert (first[two].clip.stems["mix"].samples != sounds[0]).any()


def test_a_request_that_means_nothing_fails_alone(backend) -> None:
    good = request()
    novel, frozen = replace(good, prompt="dark " * 600), replace(good, temperature=0.0)
    found = outcomes(backend, novel, good, frozen)
    assert isinstance(found[good], Finished)
    for wrong, words in ((novel, "600|tokens"), (frozen, "temperature")):
        assert isinstance(found[wrong], Failed)
        with pytest.raises(Rejected, match=words):
            raise found[wrong].error


def test_the_revision_tells_checkpoint_and_precision(reference, checkpoints, tmp_path) -> None:
    tiny = str(reference("tiny").folder)
    other = checkpoints.save(checkpoints.build("tiny", seed=1), tmp_path / "other")
    revisions = {
        MusicgenBackend(folder, precision=precision, environment={}).revision
        for folder in (tiny, str(other))
        for precision in ("fp32", "int8")
    }
    assert len(revisions) == 4
    moved = shutil.copytree(tiny, tmp_path / "moved")
    assert MusicgenBackend(str(moved), environment={}).revision in revisions


def test_audiocrafts_layout_takes_its_text_encoder_from_elsewhere(
    checkpoints, reference, tmp_path
) -> None:
    folder = checkpoints.save_audiocraft(reference("tiny").model, tmp_path)
    environment = {"MUSICGEN_DAW_MODEL": str(folder), "HF_HOME": str(tmp_path)}
    with pytest.raises(BackendError, match="t5-base: is neither a folder nor"):
        MusicgenBackend(environment=environment).__enter__()
    environment["MUSICGEN_DAW_TEXT_MODEL"] = str(folder / "t5")
    asked = request()
    found = outcomes(MusicgenBackend(environment=environment), asked)[asked]
    plain = outcomes(MusicgenBackend(str(reference("tiny").folder), environment={}), asked)[asked]
    assert (found.clip.stems["mix"].samples == plain.clip.stems["mix"].samples).all()


def test_without_a_checkpoint_the_way_to_name_one_is_told() -> None:
    backend = MusicgenBackend(environment={})
    assert backend.capabilities.audio_prompt  # what all can do is known
    for needing in (backend.__enter__, lambda: backend.choose(Choice()), lambda: backend.revision):
        with pytest.raises(BackendError, match="use --model, or set MUSICGEN_DAW_MODEL, to the fo"):
            needing()


def test_an_unknown_precision_or_device_is_told_with_the_nearest(reference) -> None:
    backend = MusicgenBackend(str(reference("tiny").folder), environment={})
    with pytest.raises(BackendError, match=r"'bf61' \(did you mean 'bf16'\?\)"):
        backend.choose(Choice(precision="bf61"))
    with pytest.raises(BackendError, match=r"device 'cud' \(did you mean 'cuda'\?\): known"):
        backend.choose(Choice(device="cud"))


def test_requests_of_several_checkpoints_and_modes_are_each_made_by_their_own(reference) -> None:
    names = {"tiny": Choice(str(reference("tiny").folder))}
    names["int8"] = replace(names["tiny"], precision="int8")
    names["stereo"] = Choice(str(reference("tiny-stereo").folder))
    backend = MusicgenBackend(environment={})
    asked = {
        name: replace(request(), revision=backend.choose(choice).revision)
        for name, choice in names.items()
    }
    found = outcomes(backend, *asked.values())
    sounds = {name: found[one].clip.stems["mix"] for name, one in asked.items()}
    assert [sound.channels for sound in sounds.values()] == [1, 1, 2]
    assert (sounds["tiny"].samples != sounds["int8"].samples).any()
    own = MusicgenBackend(names["tiny"].model, environment={})
    alone = outcomes(own, request())[request()].clip.stems["mix"]
    assert (alone.samples == sounds["tiny"].samples).all()
    by_name = request(model=names["stereo"].model)  # without a plan, by its own words
    assert outcomes(own, by_name)[by_name].clip.stems["mix"].channels == 2


@pytest.mark.parametrize("layout", ["transformers", "audiocraft"])
def test_a_melody_is_taken_where_the_checkpoint_follows_one(
    checkpoints, reference, tmp_path, layout
) -> None:
    for name, follows in (("tiny", False), ("tiny-melody", True)):
        folder = reference(name).folder
        if layout == "audiocraft":
            folder = checkpoints.save_audiocraft(reference(name).model, tmp_path / name)
        backend = MusicgenBackend(str(folder), str(folder / "t5"), environment={})
        assert backend.capabilities.melody is follows
        assert backend.capabilities.audio_prompt
