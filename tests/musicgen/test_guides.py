"""Sounds that guide the engine: an audio prompt to be continued, a melody to be followed."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw import Project  # noqa: E402
from musicgen_daw.audio import Audio  # noqa: E402
from musicgen_daw.audio.codecs import encode_float_wav  # noqa: E402
from musicgen_daw.audio.stretching import stretch  # noqa: E402
from musicgen_daw.backends.base import Failed  # noqa: E402
from musicgen_daw.backends.guide_track import guide_track  # noqa: E402
from musicgen_daw.backends.musicgen import MusicgenBackend  # noqa: E402
from musicgen_daw.errors import AudioError, BackendError, PlanError, Rejected  # noqa: E402
from musicgen_daw.events import ClipFinished  # noqa: E402
from musicgen_daw.musicgen.chroma import HOP_SAMPLES, chroma_of  # noqa: E402
from musicgen_daw.musicgen.engine import Passage  # noqa: E402
from musicgen_daw.planning import ClipRequest  # noqa: E402
from musicgen_daw.timeline import TempoMap  # noqa: E402

RATE = 32_000


def tone(seconds: float, *hz: float, rate: int = RATE, channels: int = 1) -> Audio:
    """Notes of one length each, one after the other."""
    times_s = np.arange(int(seconds * rate)) / rate
    notes = [0.2 * np.sin(2 * np.pi * pitch * times_s) for pitch in hz]
    line = np.concatenate(notes).astype(np.float32)
    return Audio(np.tile(line, (channels, 1)), rate)


class Started:
    def started(self, request: ClipRequest) -> None:
        pass

    def progress(self, request: ClipRequest, done_s: float) -> None:
        pass


def request(**other: object) -> ClipRequest:
    return ClipRequest("musicgen", "1", "dark strings", Fraction("0.4"), 1, **other)


def make(folder: Path, asked: ClipRequest, **sounds: Audio) -> object:
    """Return the outcome of a request whose guides are called as their digests are."""
    backend = MusicgenBackend(str(folder), environment={})
    backend.guided_by(sounds.__getitem__)
    with backend:
        (outcome,) = backend.run([asked], Started())
    return outcome


def samples(folder: Path, asked: ClipRequest, **sounds: Audio) -> np.ndarray:
    return make(folder, asked, **sounds).clip.stems["mix"].samples


# -- chroma ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.01, 0.3, 3.7])
def test_the_chroma_of_a_sound_is_that_of_transformers(seconds) -> None:
    # By its full name: transformers hides what lacks torchaudio, from which only one part comes.
    theirs = importlib.import_module(
        "transformers.models.musicgen_melody.feature_extraction_musicgen_melody"
    )
    noise = torch.randn(int(seconds * RATE), generator=torch.Generator().manual_seed(2)) * 0.1
    sound = noise + torch.from_numpy(tone(1, 262, 330, 466, 590).samples[0])[: len(noise)]
    extractor = object.__new__(theirs.MusicgenMelodyFeatureExtractor)
    extractor.n_fft, extractor.hop_length = 16_384, HOP_SAMPLES
    filters = theirs.chroma_filter_bank(
        sampling_rate=RATE, num_frequency_bins=16_384, tuning=0, num_chroma=12
    )
    extractor.chroma_filters = torch.from_numpy(filters).float()
    extractor.spectrogram = spectrogram
    expected = extractor._torch_extract_fbank_features(sound[None])[0]
    assert torch.equal(chroma_of(sound, RATE, 12), expected)
    assert seconds < 1 or len(expected.argmax(-1).unique()) > 1


def spectrogram(sound: torch.Tensor) -> torch.Tensor:
    """torchaudio's, which transformers' own extractor needs: normalised by the window's energy."""
    window = torch.hann_window(16_384)
    found = torch.stft(sound, 16_384, HOP_SAMPLES, window=window, return_complex=True)
    return (found / window.square().sum().sqrt()).abs().square()


@pytest.mark.parametrize(("hz", "pitch_class"), [(261.63, 0), (440.0, 9), (1108.73, 1)])
def test_chroma_tells_the_note_in_any_octave(hz, pitch_class) -> None:
    found = chroma_of(torch.from_numpy(tone(1.5, hz).samples[0]), RATE, 12)
    assert found.shape == (1 + int(1.5 * RATE) // HOP_SAMPLES, 12)
    assert found.argmax(-1).tolist() == [pitch_class] * len(found)


def test_silence_counts_as_the_first_pitch_class() -> None:
    assert chroma_of(torch.zeros(RATE), RATE, 12)[:, 0].all()


# -- the engine is guided --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tiny", "tiny-stereo"])
def test_a_clip_goes_on_from_its_audio_prompt_and_does_not_hold_it(reference, engine, name) -> None:
    folder, codec = reference(name).folder, engine(name).codec
    prompt = tone(0.32, 220, channels=engine(name).config.channels)
    asked = request(audio_prompt="sound", top_k=1)
    found = samples(folder, asked, sound=prompt)

    codes = codec.encode(torch.from_numpy(prompt.samples))
    _, sound = reference(name).generate(asked.prompt, codes.shape[1] + 20, codes, do_sample=False)
    assert codes.shape[1] == 16
    assert np.array_equal(found, sound[:, 16 * 640 :].numpy())
    assert (found != samples(folder, replace(asked, audio_prompt=None))).any()


def test_a_guide_of_another_rate_and_other_channels_is_brought_to_the_models(reference) -> None:
    folder, asked = reference("tiny").folder, request(audio_prompt="sound")
    wide = tone(0.5, 220, rate=44_100, channels=2)
    assert samples(folder, asked, sound=wide).shape == (1, 12_800)
    stereo = reference("tiny-stereo").folder
    assert samples(stereo, asked, sound=tone(0.5, 220)).shape == (2, 12_800)


def test_only_the_end_of_a_long_audio_prompt_is_heard(reference) -> None:
    folder, asked = reference("tiny").folder, request(audio_prompt="sound", top_k=1)
    end = tone(3, 200, 300, 250, 400)
    longer = Audio(np.concatenate([tone(2, 90).samples, end.samples], axis=1), RATE)
    assert np.array_equal(samples(folder, asked, sound=longer), samples(folder, asked, sound=end))


def test_a_melody_is_followed_by_a_checkpoint_that_can(reference) -> None:
    folder, asked = reference("tiny-melody").folder, request(melody="tune", top_k=1)
    tune = tone(0.5, 262, 330, 392, 440)
    found = samples(folder, asked, tune=tune)

    chroma = chroma_of(torch.from_numpy(tune.samples[0]), RATE, 12)
    _, expected = reference("tiny-melody").generate(
        asked.prompt, 20, do_sample=False, input_features=chroma[None]
    )
    assert np.array_equal(found, expected.numpy())
    assert (found != samples(folder, replace(asked, melody=None))).any()


def test_a_count_in_is_heard_and_trimmed_off(reference, engine) -> None:
    folder, tempo_map = reference("tiny").folder, TempoMap.constant(240)
    asked = request(guide="chords", tempo_map=tempo_map, key_signature="E minor", top_k=1)
    track = guide_track("chords", tempo_map, "E minor", RATE)
    codes = engine("tiny").codec.encode(torch.from_numpy(track.samples))
    _, sound = reference("tiny").generate("dark strings", 400 + 20, codes, do_sample=False)
    assert codes.shape[1] == 400
    assert np.array_equal(samples(folder, asked), sound[:, 400 * 640 :].numpy())
    outcome = make(folder, replace(asked, tempo_map=None))
    with pytest.raises(Rejected, match="a guide of chords needs a tempo"):
        raise outcome.error


def test_a_guide_that_can_not_be_used_fails_its_clip_with_the_reason(reference) -> None:
    def gone(digest: str) -> Audio:
        raise AudioError("was changed", path="a.wav")

    backend = MusicgenBackend(str(reference("tiny").folder), environment={})
    backend.guided_by(gone)
    short = {"sound": tone(0.01, 220)}
    for outcome, words in (
        (next(backend.run([request(audio_prompt="x")], Started())), r"a\.wav: was changed"),
        (make(reference("tiny").folder, request(audio_prompt="sound"), **short), r"at least 0\.02"),
        (make(reference("tiny").folder, request(melody="sound"), **short), "follows no melody"),
    ):
        assert isinstance(outcome, Failed)
        with pytest.raises(Rejected, match=words):
            raise outcome.error


# -- from a sheet ----------------------------------------------------------------------------------


@pytest.fixture
def score(reference, tmp_path: Path) -> Project:
    folder = tmp_path / "score"
    (folder / "sounds").mkdir(parents=True)
    (folder / "sounds" / "a.wav").write_bytes(encode_float_wav(tone(0.5, 220)))
    (folder / "score.csv").write_text(
        "name,start,length,audio prompt\nDoor,0,0.5,sounds/a.wav\nHall,1,0.5,\n"
    )
    return Project.open(folder / "score.csv", output=tmp_path / "out", store=tmp_path / "store")


def plan(score: Project, reference, name: str = "tiny", **more: object) -> object:
    return score.plan(backend="musicgen", model=str(reference(name).folder), **more)


def prompts(plan: object) -> list[str | None]:
    return [next(cue.clips).request.audio_prompt for cue in plan.cues]


def test_paths_of_a_sheet_count_from_the_sheet_and_typed_ones_from_here(
    score, reference, tmp_path, monkeypatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "b.wav").write_bytes(encode_float_wav(tone(0.5, 330)))
    monkeypatch.chdir(here)
    planned = plan(score, reference, audio_prompt="b.wav")
    digests = [
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (score.path.parent / "sounds" / "a.wav", here / "b.wav")
    ]
    assert prompts(planned) == digests  # the cue's own beats the flag
    monkeypatch.chdir(tmp_path)
    assert len(list(score.render(planned))) == 2
    assert score.rows(plan(score, reference, audio_prompt="here/b.wav"))[1].new == 0


def test_a_clip_is_new_when_its_guide_is_another_sound_and_not_when_it_was_moved(
    score, reference
) -> None:
    before = prompts(plan(score, reference))
    sound = score.path.parent / "sounds" / "a.wav"
    sound.write_bytes(encode_float_wav(tone(0.5, 221)))
    assert prompts(plan(score, reference)) != before
    sound.write_bytes(encode_float_wav(tone(0.5, 220)))
    assert prompts(plan(score, reference)) == before


@pytest.mark.parametrize(("content", "words"), [(None, "can't be read"), (b"no sound", "as audio")])
def test_a_guide_that_is_missing_or_no_sound_is_told_with_its_cue(
    score, reference, content, words
) -> None:
    sound = score.path.parent / "sounds" / "a.wav"
    sound.unlink()
    if content is not None:
        sound.write_bytes(content)
    with pytest.raises(PlanError, match=rf"score\.csv line 2: cue 'Door': audio prompt .*{words}"):
        plan(score, reference)


def test_a_guide_that_changes_between_plan_and_render_is_not_heard_as_the_old_one(
    score, reference
) -> None:
    planned = plan(score, reference)
    sound = score.path.parent / "sounds" / "a.wav"
    sound.write_bytes(encode_float_wav(tone(0.5, 221)))
    with pytest.raises(Exception, match="was changed since it was planned with") as failure:
        list(score.render(planned, tries=1))
    assert failure.value.exit_code == 4  # the other cue is done


def test_a_checkpoint_that_follows_no_melody_is_told_before(score, reference) -> None:
    tune = score.path.parent / "sounds" / "a.wav"
    warnings = [str(warning) for warning in plan(score, reference, melody=tune).warnings]
    assert warnings == [
        f"line {line}: 'musicgen' takes no melody: {tune} is not used" for line in (2, 3)
    ]
    guided = plan(score, reference, "tiny-melody", melody=tune)
    assert guided.warnings == ()
    assert all(next(cue.clips).request.melody for cue in guided.cues)


# -- a cue goes on from the one before it ----------------------------------------------------------


def joined(tmp_path: Path, rows: str) -> Project:
    sheet = tmp_path / "joined.csv"
    sheet.write_text(f"name,start,length,prompt,tail,transition\n{rows}")
    return Project.open(sheet, output=tmp_path / "out", store=tmp_path / "store")


def made_by(project: Project, plan: object) -> list[str]:
    events: list[object] = []
    list(project.render(plan, events.append))
    return [e.cue for e in events if isinstance(e, ClipFinished) and not e.from_store]


def clip_of(project: Project, plan: object, index: int) -> np.ndarray:
    stored = project.store.get(next(plan.cues[index].clips).key)
    return project.store.load(stored)["mix"].samples


def test_a_cue_goes_on_from_the_music_of_the_one_before_it(reference, engine, tmp_path) -> None:
    project = joined(tmp_path, "A,0,0.5,calm,0.2,\nB,0.5,0.4,drums,,continue\n")
    planned = plan(project, reference)
    words = project.explain(planned)
    assert words[planned.cues[1].cue.id]["goes on from"] == planned.cues[0].cue.id
    assert made_by(project, planned) == [cue.cue.id for cue in planned.cues]
    before = clip_of(project, planned, 0)
    assert before.shape[1] == int(0.7 * RATE)

    end = before[:, : int(0.5 * RATE)]  # without what rings on
    codes = engine("tiny").codec.encode(torch.from_numpy(end))
    asked = next(planned.cues[1].clips).request
    passage = Passage("drums", codes.shape[1] + 20, asked.seed, audio_prompt=codes)
    ((_, expected),) = engine("tiny").generate([passage])
    sound = engine("tiny").codec.decode(expected)[:, codes.shape[1] * 640 :]
    assert np.array_equal(clip_of(project, planned, 1), sound.numpy())


def test_at_another_tempo_the_end_is_heard_up_to_a_bar_line_and_at_the_new_tempo(
    reference, engine, tmp_path
) -> None:
    pytest.importorskip("python_stretch", reason="it needs the extra 'stretch'")
    sheet = tmp_path / "joined.csv"
    rows = "A,0,1.3,calm,200,\nB,1.3,0.4,drums,250,continue\n"  # a bar of 1.2 s, and a bit
    sheet.write_text(f"name,start,length,prompt,bpm,transition\n{rows}")
    project = Project.open(sheet, output=tmp_path / "out", store=tmp_path / "store")
    planned = plan(project, reference)
    told = project.explain(planned)[planned.cues[1].cue.id]
    assert told["heard up to"] == "0.100 s before its end"
    assert told["brought to this tempo"] == "0.8000 times as long"
    assert made_by(project, planned) == [cue.cue.id for cue in planned.cues]

    bar = Audio(clip_of(project, planned, 0)[:, : int(1.2 * RATE)], RATE)
    heard = stretch(bar, 0.8).samples[:, -48 * 640 :]  # 0.96 s
    codes = engine("tiny").codec.encode(torch.from_numpy(np.ascontiguousarray(heard)))
    asked = next(planned.cues[1].clips).request
    passage = Passage(asked.prompt, codes.shape[1] + 20, asked.seed, audio_prompt=codes)
    ((_, expected),) = engine("tiny").generate([passage])
    sound = engine("tiny").codec.decode(expected)[:, codes.shape[1] * 640 :]
    assert np.array_equal(clip_of(project, planned, 1), sound.numpy())


def test_only_the_cues_after_a_change_are_made_anew(reference, tmp_path) -> None:
    rows = "A,0,0.3,{},,\nB,0.3,0.3,drums,,continue\nC,0.6,0.3,wide,,continue\nD,1,0.3,a,,\n"
    project = joined(tmp_path, rows.format("calm"))
    first = plan(project, reference)
    ids = [cue.cue.id for cue in first.cues]
    assert made_by(project, first) == [ids[0], ids[3], ids[1], ids[2]]
    assert made_by(project, plan(project, reference)) == []
    changed = joined(tmp_path, rows.format("loud"))
    assert made_by(changed, plan(changed, reference)) == ids[:3]


def test_a_cue_is_not_made_before_the_one_that_it_goes_on_from(reference, tmp_path) -> None:
    project = joined(tmp_path, "A,0,0.3,calm,,\nB,0.3,0.3,drums,,continue\n")
    alone = plan(project, reference, only=["B"])
    with pytest.raises(BackendError, match="render that one first"):
        made_by(project, alone)
    assert made_by(project, plan(project, reference, only=["A"])) != []
    assert made_by(project, alone) != []
