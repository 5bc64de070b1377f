from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from musicgen_daw.audio import Audio
from musicgen_daw.errors import Rejected, StoreError
from musicgen_daw.events import Event, Warned
from musicgen_daw.planning import ClipRequest
from musicgen_daw.store import blobs
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.records import StoredClip, Trial
from musicgen_daw.timeline import MeterChange, Note, Part, Score, TempoChange, TempoMap

REQUEST = ClipRequest("test", "1", "warm pad", Fraction(11, 2), seed=7)


@dataclass(frozen=True)
class Made:
    stems: Mapping[str, Audio]
    score: Score | None = None
    understood: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def noise(seed: int = 1, length_samples: int = 4800, sample_rate: int = 48_000) -> Audio:
    samples = np.random.default_rng(seed).standard_normal((2, length_samples)) * 0.1
    return Audio(samples.astype(np.float32), sample_rate)


@pytest.fixture
def store(tmp_path: Path) -> ClipStore:
    return ClipStore(tmp_path / "store")


def blob_path(store: ClipStore, clip: StoredClip, stem: int = 0) -> Path:
    digest = clip.stems[stem].blob.sha256
    return store.root / "blobs" / digest[:2] / f"{digest}.wav"


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_clip_comes_back_exactly_as_it_was_put(store: ClipStore) -> None:
    tempo_map = TempoMap(
        (TempoChange(Fraction(0), 461_538), TempoChange(Fraction(7, 3), 500_000)),
        (MeterChange(Fraction(0), 6, 8), MeterChange(Fraction(7), 7, 8, (2, 2, 3))),
        Fraction(1, 3),
    )
    notes = (Note(Fraction(1, 3), Fraction(2, 7), 60, 100), Note(Fraction(4), Fraction(1), 35, 1))
    score = Score(
        tempo_map,
        (
            Part("Kit", "drums", 0, notes, drums=True, enters=0.35),
            Part("Shaker", "drums", 0, notes, drums=True, enters=0.2),
            Part("Pad", "pad", 89, (), enters=0.0),
            Part("808", "bass", 38, notes, slides=True),
        ),
    )
    loud = Audio(noise(3).samples * 50, 48_000)  # beyond full scale, which float keeps
    clip = Made(
        {"pad": noise(2), "drums": loud}, score, {"key": "F minor"}, ("zork",), {"seed": "7"}
    )

    assert store.get(REQUEST.key()) is None
    stored = store.put(REQUEST, clip)

    assert store.get(REQUEST.key()) == stored
    assert (stored.seconds, stored.sample_rate) == (Fraction(1, 10), 48_000)
    assert stored.score == score
    assert stored.entrances == {"drums": 0.2, "pad": 0.0}
    assert (stored.understood, stored.ignored, stored.facts) == (
        clip.understood,
        clip.ignored,
        clip.facts,
    )
    loaded = store.load(stored)
    assert list(loaded) == ["pad", "drums"]
    for name, audio in clip.stems.items():
        np.testing.assert_array_equal(loaded[name].samples, audio.samples)
    assert store.check(stored) == []


@pytest.mark.parametrize("part", [{"stem": "a", "enters": 2}, {"stem": "a", "enters": []}, "a"])
def test_a_damaged_score_tells_no_entrances(store: ClipStore, part: object) -> None:
    stored = replace(store.put(REQUEST, Made({"pad": noise()})), score_json={"parts": [part]})
    with pytest.raises(StoreError, match=r"the score of clip .* is damaged"):
        _ = stored.entrances


def test_the_same_clip_gives_the_same_bytes_in_every_store(tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        store = ClipStore(tmp_path / name)
        store.put(REQUEST, Made({"mix": noise()}, facts={"b": "1", "a": "2"}))
        contents.append({path: (store.root / path).read_bytes() for path in files(store.root)})
    assert contents[0] == contents[1]
    assert len(contents[0]) == 2


def test_equal_stems_are_stored_once(store: ClipStore) -> None:
    store.put(REQUEST, Made({"mix": noise(), "pad": noise()}))
    assert len(files(store.root / "blobs")) == 1


@pytest.mark.parametrize(
    ("stems", "message"),
    [
        ({}, "without stems"),
        ({"mix": noise(length_samples=0)}, "empty stem 'mix'"),
        ({"mix": noise(), "pad": noise(length_samples=4799)}, "don't fit together: 'pad' has 4799"),
        ({"mix": noise(), "pad": noise(sample_rate=44_100)}, "at 44100 Hz"),
        (
            {"mix": Audio(np.full((1, 9), np.nan, np.float32), 48_000)},
            "NaN or infinite values in stem",
        ),
        (
            {"mix": Audio(np.full((1, 9), np.inf, np.float32), 48_000)},
            "NaN or infinite values in stem",
        ),
    ],
)
def test_what_is_no_usable_sound_is_refused(
    store: ClipStore, stems: dict[str, Audio], message: str
) -> None:
    with pytest.raises(Rejected, match=message):
        store.put(REQUEST, Made(stems))
    assert not store.root.exists()


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[1, 2]",
        b'{"record_version": 99}',
        b'{"record_version": 1, "request": {}, "stems": []}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_damaged_record_counts_as_missing_with_a_warning(tmp_path: Path, damage: bytes) -> None:
    events: list[Event] = []
    store = ClipStore(tmp_path, events.append)
    store.put(REQUEST, Made({"mix": noise()}))
    path = store.record_path(REQUEST.key())
    path.write_bytes(damage)

    assert store.get(REQUEST.key()) is None
    assert [(type(e), getattr(e, "subject", None)) for e in events] == [(Warned, str(path))]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sha256", "../../etc/passwd"),
        ("sha256", 7),
        ("size_bytes", "9"),
        ("sample_rate", 0),
        ("length_samples", None),
        ("name", ["mix"]),
    ],
)
def test_a_record_with_values_of_the_wrong_type_counts_as_missing(
    store: ClipStore, key: str, value: object
) -> None:
    store.put(REQUEST, Made({"mix": noise()}))
    path = store.record_path(REQUEST.key())
    values = json.loads(path.read_bytes())
    values["stems"][0][key] = value
    path.write_text(json.dumps(values))
    assert store.get(REQUEST.key()) is None


def test_only_a_damaged_clip_is_set_aside_and_then_counts_as_missing(store: ClipStore) -> None:
    stored = store.put(REQUEST, Made({"mix": noise()}))
    assert store.set_aside_damaged(stored) == []
    assert store.get(REQUEST.key()) == stored
    path = blob_path(store, stored)
    path.write_bytes(bytes(path.stat().st_size))
    assert len(store.set_aside_damaged(stored)) == 1
    assert store.get(REQUEST.key()) is None
    assert store.record_path(REQUEST.key()).with_suffix(".damaged").exists()


def test_the_record_of_another_clip_counts_as_missing(store: ClipStore) -> None:
    store.put(REQUEST, Made({"mix": noise()}))
    other = replace(REQUEST, seed=8)
    target = store.record_path(other.key())
    target.parent.mkdir(exist_ok=True)
    store.record_path(REQUEST.key()).rename(target)
    assert store.get(other.key()) is None


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a" * 63, "A" * 64, "0" * 64])
def test_a_key_that_names_no_clip_is_a_missing_clip(store: ClipStore, key: str) -> None:
    assert store.get(key) is None


def test_a_clip_without_its_blob_counts_as_missing_and_can_be_put_again(store: ClipStore) -> None:
    stored = store.put(REQUEST, Made({"mix": noise()}))
    path = blob_path(store, stored)
    path.write_bytes(path.read_bytes()[:-4])
    assert store.get(REQUEST.key()) is None
    store.put(REQUEST, Made({"mix": noise()}))
    assert store.check(stored) == []


def test_a_corrupt_blob_is_found_by_check_refused_by_load_and_healed_by_put(
    store: ClipStore,
) -> None:
    stored = store.put(REQUEST, Made({"pad": noise(1), "mix": noise(2)}))
    path = blob_path(store, stored, 1)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    assert store.get(REQUEST.key()) == stored  # a glance does not read the sound
    faults = store.check(stored)
    assert len(faults) == 1
    assert str(path) in faults[0]
    assert "stem 'mix'" in faults[0]
    with pytest.raises(
        StoreError, match=r"damaged.*remove .*json to have the clip generated"
    ) as caught:
        store.load(stored)
    assert caught.value.path == path

    store.put(REQUEST, Made({"pad": noise(1), "mix": noise(2)}))
    assert store.check(stored) == []


def test_many_writers_of_one_clip_leave_one_whole_clip(store: ClipStore) -> None:
    clip = Made({"mix": noise(length_samples=48_000)})
    with ThreadPoolExecutor(8) as pool:
        clips = list(pool.map(lambda _: store.put(REQUEST, clip), range(24)))
    assert {clip.key for clip in clips} == {REQUEST.key()}
    stored = store.get(REQUEST.key())
    assert stored is not None
    assert store.check(stored) == []
    assert len(files(store.root)) == 2


def test_sweeping_removes_what_killed_writers_left_and_nothing_of_living_ones(
    store: ClipStore,
) -> None:
    stored = store.put(REQUEST, Made({"mix": noise()}))
    orphan, living = (store.root / "incoming" / f"{name}.partial" for name in ("orphan", "living"))
    for path, written_s in ((orphan, 1_000.0), (living, 90_000.0)):
        path.write_bytes(b"half")
        os.utime(path, (written_s, written_s))

    assert store.sweep(now_s=100_000.0, age_s=50_000.0) == [orphan]
    assert living.exists()
    assert store.check(stored) == []


@pytest.mark.parametrize("limit_bytes", [0, 10, 4096, 38_000])
def test_a_write_that_fails_is_an_error_and_leaves_nothing(
    store: ClipStore,
    disk_full_after: Callable[[int], AbstractContextManager[None]],
    limit_bytes: int,
) -> None:
    stored = store.put(REQUEST, Made({"mix": noise()}))
    before = files(store.root)
    message = "can't be written: File too large; check space"
    with disk_full_after(limit_bytes), pytest.raises(StoreError, match=message):
        store.put(replace(REQUEST, seed=8), Made({"mix": noise(2)}))
    assert files(store.root) == before
    assert store.check(stored) == []


def test_a_store_that_can_not_be_made_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"file.*choose another store") as caught:
        ClipStore(tmp_path / "file" / "store").put(REQUEST, Made({"mix": noise()}))
    assert caught.value.exit_code == 3


def test_a_better_try_takes_the_place_of_a_flawed_one_whose_record_stays(store: ClipStore) -> None:
    silent = Trial(("is silent",), 5.5, tries=1, seed=7)
    flawed = store.put(REQUEST, Made({"mix": Audio.silence(480, 48_000)}), trial=silent)
    better = store.put(replace(REQUEST, seed=8), Made({"mix": noise()}))
    right = Trial((), 0.0, tries=2, seed=8)
    kept = replace(better, key=flawed.key, request=flawed.request, trial=right)
    store.tried_again(flawed, kept)
    assert store.get(flawed.key) == kept
    aside = store.record_path(flawed.key).with_suffix(".try1.json")
    assert json.loads(aside.read_bytes())["trial"]["flaws"] == ["is silent"]
    assert store.check(flawed) == []


def test_a_try_that_can_not_be_noted_leaves_the_clip_that_is_there(
    store: ClipStore, disk_full_after: Callable[[int], AbstractContextManager[None]]
) -> None:
    silent = Trial(("is silent",), 5.5, tries=1, seed=7)
    flawed = store.put(REQUEST, Made({"mix": noise(1)}), trial=silent)
    kept = replace(flawed, stems=store.put(replace(REQUEST, seed=8), Made({"mix": noise(2)})).stems)
    size_bytes = store.record_path(flawed.key).stat().st_size
    before = files(store.root)
    for limit_bytes in (0, size_bytes // 2, size_bytes - 1):
        with disk_full_after(limit_bytes), pytest.raises(StoreError, match="can't be written"):
            store.tried_again(flawed, kept)
        assert store.get(flawed.key) == flawed
        assert files(store.root) == before


def test_a_long_clip_is_stored_and_read_in_little_memory(
    store: ClipStore,
    small_tapes: None,
    monkeypatch: pytest.MonkeyPatch,
    allocated_bytes: Callable[[Callable[[], object]], int],
) -> None:
    monkeypatch.setattr(blobs, "_MOST_IN_MEMORY_BYTES", 2**20)
    one, other = noise(1, 3_000_000), noise(2, 3_000_000)  # of 24 megabytes each
    stems = {"bass": one, "pad": other, "lead": Audio(one.samples + other.samples, 48_000)}
    stored: list[StoredClip] = []
    assert allocated_bytes(lambda: stored.append(store.put(REQUEST, Made(stems)))) < 12e6
    loaded: dict[str, Audio] = {}
    assert allocated_bytes(lambda: loaded.update(store.load(stored[0]))) < 12e6
    for name, audio in stems.items():
        assert loaded[name].samples.tobytes() == audio.samples.tobytes()
