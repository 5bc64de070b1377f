"""Scores played with a real SoundFont."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from musicgen_daw.backends.base import Failed, Finished
from musicgen_daw.backends.sketch import SketchBackend
from musicgen_daw.backends.soundfont import find_font
from musicgen_daw.backends.soundfont.player import FontPlayer, opened
from musicgen_daw.errors import AudioError
from musicgen_daw.planning import Choice, ClipRequest
from musicgen_daw.sketch.synth.tone import frequency_of
from musicgen_daw.timeline import Hit, TempoMap

RATE = 48_000
PIANO, ORGAN, KIT = (0, 0), (0, 16), (128, 0)


@pytest.fixture
def player(font_file: Path) -> Iterator[FontPlayer]:
    with opened(find_font(str(font_file)), RATE) as player:
        yield player


@pytest.fixture
def played(font_file: Path, unread) -> Callable[[ClipRequest], Finished]:
    """Plays a request with the font."""

    def play(request: ClipRequest) -> Finished:
        backend = SketchBackend(workers=1)
        revision = backend.choose(Choice(soundfont=str(font_file))).revision
        (outcome,) = backend.run([replace(request, revision=revision)], unread)
        assert isinstance(outcome, Finished), outcome
        return outcome

    return play


REQUEST = ClipRequest(
    SketchBackend.name,
    SketchBackend.revision,
    "jazz trio, no strings",
    length_s=Fraction(37, 12),
    tail_s=Fraction(1, 2),
    seed=7,
    tempo_map=TempoMap.constant(126),
    hits=(Hit(Fraction(5, 2), "door", important=True),),
)


def test_the_score_is_the_same_and_the_stems_are_as_long(font_file: Path, played, unread) -> None:
    clip = played(REQUEST).clip
    (plain,) = SketchBackend(workers=1).run([REQUEST], unread)
    assert isinstance(plain, Finished)
    assert clip.score == plain.clip.score
    assert clip.stems.keys() == plain.clip.stems.keys()
    assert {stem.length_samples for stem in clip.stems.values()} == {172_000}
    assert clip.facts["soundfont"] == font_file.name
    assert {"hits", "risers"} <= set(clip.facts["played by the synthesiser"].split(", "))
    assert "kit" not in clip.facts["played by the synthesiser"]
    for name in ("drums", "bass"):
        font, built_in = clip.stems[name].samples, plain.clip.stems[name].samples
        assert not np.array_equal(font, built_in)
        # The mix is that of the style, whatever the levels of the font.
        assert abs(20 * np.log10(np.std(font) / np.std(built_in))) < 6


def test_the_same_request_gives_the_same_bytes(played) -> None:
    short = replace(REQUEST, length_s=Fraction(1), hits=())
    first, second = (played(short).clip.stems for _ in range(2))
    for name, stem in first.items():
        assert stem.samples.tobytes() == second[name].samples.tobytes()


def test_a_note_begins_at_once_and_is_in_tune(player: FontPlayer) -> None:
    sound = player.note(ORGAN, 69, 100, RATE)
    onset = np.argmax(np.abs(sound).max(axis=0) > 0.1 * np.abs(sound).max())
    assert onset < 0.02 * RATE
    held = sound.mean(axis=0)[RATE // 4 : RATE * 3 // 4] * np.hanning(RATE // 2)
    spectrum = np.abs(np.fft.rfft(held, 8 * RATE))
    near = slice(8 * 400, 8 * 480)
    found_hz = (8 * 400 + np.argmax(spectrum[near])) / 8
    assert abs(1200 * np.log2(found_hz / frequency_of(69))) < 5


def test_a_note_depends_on_no_note_before_it(player: FontPlayer) -> None:
    first = player.note(PIANO, 60, 90, RATE // 4)
    for sound, key in ((KIT, 49), (ORGAN, 40), (PIANO, 72)):
        player.note(sound, key, 120, RATE // 8)
    again = player.note(PIANO, 60, 90, RATE // 4)
    assert again.shape == first.shape
    # FluidSynth ramps the very first block of a voice from where its last note ended.
    np.testing.assert_array_equal(again[:, 64:], first[:, 64:])
    assert np.abs(again[:, :64] - first[:, :64]).max() < 1e-3


def test_a_slide_ends_on_the_pitch_of_the_note(player: FontPlayer) -> None:
    slid, plain = (player.note(ORGAN, 57, 100, RATE, slide_from=from_) for from_ in (45, None))
    late = slice(RATE // 2, RATE // 2 + 8192)

    def pitch_bin(sound: np.ndarray) -> int:
        return int(np.argmax(np.abs(np.fft.rfft(sound.mean(axis=0)[late] * np.hanning(8192)))))

    assert pitch_bin(slid) == pitch_bin(plain)
    assert not np.allclose(slid[:, : RATE // 10], plain[:, : RATE // 10], atol=1e-3)


def test_a_font_that_was_changed_since_the_plan_is_refused(font_file: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copy(font_file, tmp_path / "moved.sf2"))
    font = find_font(str(moved))
    moved.write_bytes(moved.read_bytes() + b"\0")
    with pytest.raises(AudioError, match="was changed since"), opened(font, RATE):
        pass


def test_a_font_that_fluidsynth_refuses_is_told_by_name_and_in_no_other_words(
    font_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.sf2"
    content = bytearray(font_file.read_bytes())
    bags = content.rindex(b"ibag")  # the last instrument says that its part ends where nothing is
    content[bags - 2 : bags] = b"\xff\xff"
    damaged.write_bytes(content)
    with (
        pytest.raises(AudioError, match="FluidSynth refuses"),
        opened(find_font(str(damaged)), RATE),
    ):
        pass
    assert capfd.readouterr() == ("", "")


def test_a_request_for_a_font_that_nobody_named_fails_in_words(font_file: Path, unread) -> None:
    revision = SketchBackend().choose(Choice(soundfont=str(font_file))).revision
    (outcome,) = SketchBackend().run([replace(REQUEST, revision=revision)], unread)
    assert isinstance(outcome, Failed)
    assert "--soundfont" in str(outcome.error)
