"""Hand-offs from what is stored: nothing generated, nothing lost, nothing of the user's touched."""

import contextlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw import Project
from musicgen_daw.errors import ExportError, MusicgenDawError, OutputError, UsageError
from musicgen_daw.events import Event, RunFinished, Warned
from musicgen_daw.export import DEFAULT_EXPORTERS
from musicgen_daw.project.exact_json import from_plain, to_plain
from musicgen_daw.project.exporting import export_again, names_to_hand_over
from musicgen_daw.project.session_record import names_handed_over, read_session
from musicgen_daw.session import PlacedCue, PlacedStem, Session
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.timeline import (
    FRAME_RATES,
    Cue,
    CueSettings,
    CueSheet,
    Hit,
    IntensityLane,
    Meter,
    Span,
    TempoMap,
    Timecode,
)

RECORD = Path(".musicgen-daw") / "session.json"


@pytest.fixture(scope="module")
def rendered(
    tmp_path_factory: pytest.TempPathFactory, render: Callable[..., list[Event]]
) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("rendered")
    sheet = folder / "short.csv"
    sheet.write_text(
        "name,start,length,preset,prompt,takes\n"
        "Door,0,2,lofi-study,soft,2\nHall,3.1,3.2,chiptune-adventure,bright,1\n"
    )
    render(sheet, folder / "out", folder / "store")
    return folder, folder / "store"


@pytest.fixture
def made(rendered: tuple[Path, Path], tmp_path: Path) -> tuple[Path, ClipStore]:
    """A fresh copy of the folder, beside its sheet."""
    shutil.copytree(rendered[0], tmp_path / "copy", ignore=shutil.ignore_patterns("store"))
    return tmp_path / "copy" / "out", ClipStore(rendered[1])


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".musicgen-daw" not in path.parts
    }


def test_what_was_deleted_comes_back_as_it_was(made: tuple[Path, ClipStore]) -> None:
    folder, store = made
    before = files_of(folder)
    names = {"short.mid", "short.rpp", "markers.csv", "manifest.json"}
    for name in names:
        (folder / name).unlink()
    written = export_again(folder, store)
    assert {path.name for path in written} == names
    assert files_of(folder) == before


def test_the_notes_come_from_the_store(made: tuple[Path, ClipStore], tmp_path: Path) -> None:
    folder, _ = made
    with_notes = (folder / "short.mid").stat().st_size
    (folder / "short.mid").unlink()
    export_again(folder, ClipStore(tmp_path / "none"), ["midi"])
    assert (folder / "short.mid").stat().st_size < with_notes


def test_the_stems_of_a_take_tell_from_which_intensity_on_they_play(
    made: tuple[Path, ClipStore],
) -> None:
    folder, store = made
    export_again(folder, store, ["game"])
    door, hall = (
        segment["variations"][0]
        for segment in json.loads((folder / "game.json").read_text())["segments"]
    )
    told = {layer["name"]: layer["enters_at_intensity"] for layer in hall["layers"]}
    (clip,) = read_session(folder, store, {}).cues[-1].clips
    assert told == {name: store.get(clip.key).entrances.get(name) for name in told}
    assert 0.0 in told.values()
    assert hall["mix"]["enters_at_intensity"] is None
    assert {layer["enters_at_intensity"] for layer in door["layers"]} == {None}  # all at once


def test_a_verdict_given_after_the_render_counts(made: tuple[Path, ClipStore]) -> None:
    folder, store = made
    project = Project.open(folder.parent / "short.csv", output=folder, store=store.root)
    project.judge("Door", 2, "keep")
    project.export(["manifest"])
    takes = json.loads((folder / "manifest.json").read_text())["cues"][0]["takes"]
    assert [take["verdict"] for take in takes] == [None, "keep"]


def test_a_file_that_the_user_changed_stays(made: tuple[Path, ClipStore]) -> None:
    folder, store = made
    (folder / "short.mid").write_bytes(b"my own work")
    events: list[Event] = []
    Project.open(folder.parent / "short.csv", output=folder, store=store.root).judge(
        "Door", 2, "keep"
    )
    (written,) = export_again(folder, store, ["midi"], events.append)
    assert (folder / "short.mid").read_bytes() == b"my own work"
    assert written == folder / "short (2).mid"
    assert any(isinstance(event, Warned) for event in events)


def test_a_missing_stem_is_named(made: tuple[Path, ClipStore]) -> None:
    folder, store = made
    stem = next(folder.glob("stems/Door/*mix.wav"))
    stem.unlink()
    with pytest.raises(OutputError, match=rf"{stem.name}.*run the render again"):
        export_again(folder, store, ["midi"])


def test_a_changed_stem_is_told(made: tuple[Path, ClipStore]) -> None:
    folder, store = made
    stem = next(folder.glob("stems/Door/*mix.wav"))
    stem.write_bytes(stem.read_bytes() + b"more")
    events: list[Event] = []
    export_again(folder, store, ["midi"], events.append)
    told = [event.subject for event in events if isinstance(event, Warned)]
    assert told == [str(stem.relative_to(folder))]


def test_another_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output folder"):
        export_again(tmp_path, ClipStore(tmp_path / "store"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_an_earlier_version_is_to_be_rendered_again(
    made: tuple[Path, ClipStore],
) -> None:
    folder, store = made
    (folder / RECORD).unlink()
    with pytest.raises(OutputError, match="run the render again"):
        export_again(folder, store)


def test_an_unknown_hand_off_is_refused_before_any_work(made: tuple[Path, ClipStore]) -> None:
    folder, store = made
    before = files_of(folder)
    with pytest.raises(UsageError, match="did you mean 'midi'"):
        export_again(folder, store, ["manifest", "mdi"])
    assert files_of(folder) == before


def test_a_hand_off_whose_extra_is_missing_is_refused_before_any_sound_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aaf2", None)
    with pytest.raises(ExportError, match=r"pip install 'musicgen-daw\[aaf\]'"):
        names_to_hand_over(tmp_path, ["midi", "aaf"])


def test_a_render_writes_what_is_asked_and_keeps_it_up(
    made: tuple[Path, ClipStore],
) -> None:
    folder, store = made
    project = Project.open(folder.parent / "short.csv", output=folder, store=store.root)
    plan = project.plan()
    list(project.render(plan, to=["markers"]))
    assert not (folder / "short.mid").exists()
    assert (folder / "manifest.json").exists()
    export_again(folder, store, ["midi"])
    list(project.render(plan))
    assert (folder / "short.mid").exists()
    assert (folder / "markers.csv").exists()


def test_a_hand_off_that_cannot_hold_the_session_keeps_no_other_from_being_written(
    made: tuple[Path, ClipStore],
) -> None:
    folder, store = made
    project = Project.open(folder.parent / "short.csv", output=folder, store=store.root)
    flac = project.plan(file_format="flac")
    events: list[Event] = []
    with pytest.raises(ExportError, match=r"Wwise imports no \.flac") as refused:
        list(project.render(flac, observer=events.append, to=["wwise", "midi"]))
    assert refused.value.exit_code == 3
    assert any(isinstance(event, RunFinished) for event in events)
    assert (folder / "short.mid").exists()

    with pytest.raises(ExportError, match=r"Wwise imports no \.flac"):
        export_again(folder, store, ["wwise", "otio"])
    assert (folder / "short.otio").exists()
    assert not (folder / "wwise").exists()


def test_a_hand_off_that_was_refused_is_not_tried_again_unasked(
    made: tuple[Path, ClipStore],
) -> None:
    folder, store = made
    project = Project.open(folder.parent / "short.csv", output=folder, store=store.root)
    flac = project.plan(file_format="flac")
    with pytest.raises(ExportError, match="Wwise"):
        list(project.render(flac, to=["wwise", "MIDI"]))
    list(project.render(flac))
    assert names_handed_over(folder) == ("manifest", "midi")
    with pytest.raises(ExportError, match="Wwise"):
        list(project.render(flac, to=["wwise"]))
    list(project.render(flac))
    assert set(names_handed_over(folder)) == {*DEFAULT_EXPORTERS}


def test_a_hand_off_that_can_hold_the_session_no_more_is_kept_up_no_more(
    made: tuple[Path, ClipStore],
) -> None:
    folder, store = made
    export_again(folder, store, ["wwise"])
    project = Project.open(folder.parent / "short.csv", output=folder, store=store.root)
    flac = project.plan(file_format="flac")
    list(project.render(flac, to=["midi"]))
    with pytest.raises(ExportError, match="Wwise"):
        export_again(folder, store, ["wwise", "otio"])
    export_again(folder, store)
    assert names_handed_over(folder) == ("manifest", "midi", "otio")


def test_a_render_refuses_an_unknown_hand_off_at_once(made: tuple[Path, ClipStore]) -> None:
    folder, store = made
    project = Project.open(folder.parent / "short.csv", output=folder, store=store.root)
    with pytest.raises(UsageError, match="there is no exporter 'reeper'"):
        next(project.render(project.plan(), to=["reeper"]))


def odd_session() -> Session:
    """Whatever decimals can't hold."""
    hits = (Hit(Fraction(2, 3), "look"), Hit(Fraction(1), "slam", important=True))
    cue = Cue(
        "a",
        "A",
        Fraction(1, 3),
        Fraction(10, 7),
        CueSettings(
            prompt="é\u2028=x",
            bpm=Fraction(1001, 7),
            meter=Meter(7, 8, (3, 2, 2)),
            intensity=IntensityLane(((0.0, 0.1), (1 / 3, 0.7))),
            loop=False,
            lufs=-20.123456789,
        ),
        hits,
        TempoMap.constant(97.3, 7, 8, (3, 2, 2)),
    )
    rate = FRAME_RATES["29.97df"]
    sheet = CueSheet("T", (cue,), TempoMap.constant(133), rate, Timecode(12_345, rate), seed=3)
    stem = PlacedStem("mix", "stems/a/a.wav", "0" * 64, 2, None, -1.25)
    placed = PlacedCue("a", "A", 1, Span(3, 99), 0, (stem,), hits, Span(0, 9), facts={"x": "y"})
    return Session("T", 44_100, sheet, (placed,), TempoMap(), rate, Timecode(12_345, rate))


def test_a_meter_without_groups_is_kept_as_it_was_before_there_were_any() -> None:
    assert to_plain(Meter(7, 8)) == [7, 8]
    assert from_plain(Meter, [7, 8]) == Meter(7, 8)
    assert from_plain(Meter, to_plain(Meter(7, 8, (2, 2, 3)))) == Meter(7, 8, (2, 2, 3))
    for wrong in ([7], [7, 8, [], 9], [7, "8"], [7, 8, 9], {"numerator": 7}):
        with pytest.raises(ValueError):
            from_plain(Meter, wrong)


def test_a_session_comes_back_exactly() -> None:
    session = odd_session()
    again = from_plain(Session, json.loads(json.dumps(to_plain(session))))
    assert again == replace(session)
    assert to_plain(again) == to_plain(session)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, held in pairs:
        found.append((value, key))
        if isinstance(held, dict | list):
            found += places(held)
    return found


def test_a_number_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="is no whole CueSettings"):
        from_plain(CueSettings, {"lufs": 10**400})


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_record_that_was_tampered_with_gives_one_clear_error(data: st.DataObject) -> None:
    plain = json.loads(json.dumps(to_plain(odd_session())))
    holder, key = data.draw(st.sampled_from(places(plain)))
    holder[key] = data.draw(PLAIN)
    with contextlib.suppress(ValueError):
        from_plain(Session, plain)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"\xff", b'{"format_version": 9, "session": {}}', b"[" * 100_000,
        b'{"format_version": 1, "session": {"title": "x"}}', b'{"format_version": 1}',
    ],
)  # fmt: skip
def test_a_damaged_record_is_told_in_one_line(made: tuple[Path, ClipStore], content: bytes) -> None:
    folder, store = made
    (folder / RECORD).write_bytes(content)
    with pytest.raises(OutputError, match="run the render again"):
        read_session(folder, store, {})


@pytest.mark.parametrize("path", ["../../x.wav", "/etc/passwd", "a\0b", "\ud800", "", "stems"])
def test_a_record_can_not_lead_out_of_the_folder(made: tuple[Path, ClipStore], path: str) -> None:
    folder, store = made
    text = (folder / RECORD).read_text()
    values = json.loads(text)
    values["session"]["cues"][0]["stems"][0]["path"] = path
    (folder / RECORD).write_text(json.dumps(values))
    with pytest.raises(MusicgenDawError):
        export_again(folder, store)


@pytest.mark.parametrize("file_format", ["flac", "ogg", "mp3", "aiff"])
def test_stems_of_every_format_tell_that_a_machine_made_them(
    file_format: str, tmp_path: Path, render: Callable[..., list[Event]]
) -> None:
    sheet = tmp_path / "one.csv"
    sheet.write_text("name,length,preset,prompt\nDoor,1,deep-drone,soft\n")
    render(sheet, tmp_path / "out", tmp_path / "store", file_format=file_format)
    (mix,) = (tmp_path / "out").glob(f"stems/Door/*mix.{file_format}")
    content = mix.read_bytes().replace(b"\0", b"")
    assert b"AI_GENERATED" in content
    assert b"belongs to its user" in content
    assert (
        list(Project.open(sheet, output=tmp_path / "out", store=tmp_path / "store").verify()) == []
    )
