"""Exported files on their way into the output folder."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from musicgen_daw.errors import OutputError
from musicgen_daw.events import Event, FileWritten, Warned
from musicgen_daw.export import Archive, CopyOf, ExportFile
from musicgen_daw.project.handing_over import deliver
from musicgen_daw.store.output import OutputFolder

SOUND = bytes(range(256)) * 40


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[OutputFolder]:
    with OutputFolder.open(tmp_path / "out") as opened:
        opened.write("stems/a.wav", "r", SOUND)
        yield opened


def read(folder: OutputFolder, path: str) -> bytes:
    return (folder.root / path).read_bytes()


def test_a_copy_has_the_bytes_of_the_stem(folder: OutputFolder) -> None:
    events: list[Event] = []
    file = ExportFile("Film/audio/a.wav", CopyOf("stems/a.wav"))
    assert deliver(file, folder, events.append) == "Film/audio/a.wav"
    assert read(folder, "Film/audio/a.wav") == SOUND
    assert events == [FileWritten("Film/audio/a.wav")]

    assert deliver(file, folder, events.append) == "Film/audio/a.wav"
    assert len(events) == 1  # it was right already


def test_an_archive_is_stored_and_tells_no_clock(folder: OutputFolder) -> None:
    members = (("project.xml", b"<Project/>"), ("audio/ä.wav", CopyOf("stems/a.wav")))
    deliver(ExportFile("one.dawproject", Archive(members)), folder, lambda event: None)
    deliver(ExportFile("two.dawproject", Archive(members)), folder, lambda event: None)

    content = read(folder, "one.dawproject")
    assert content == read(folder, "two.dawproject")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["project.xml", "audio/ä.wav"]
        assert archive.read("project.xml") == b"<Project/>"
        assert archive.read("audio/ä.wav") == SOUND
        for member in archive.infolist():
            assert member.compress_type == zipfile.ZIP_STORED
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert not member.flag_bits & 8  # streaming readers need the lengths in front


def test_a_stem_that_changed_makes_the_archive_anew(folder: OutputFolder) -> None:
    file = ExportFile("a.zip", Archive((("a.wav", CopyOf("stems/a.wav")),)))
    deliver(file, folder, lambda event: None)
    folder.write("stems/a.wav", "r2", b"other")
    deliver(file, folder, lambda event: None)
    with zipfile.ZipFile(folder.root / "a.zip") as archive:
        assert archive.read("a.wav") == b"other"


def test_a_copy_that_the_user_changed_stays(folder: OutputFolder) -> None:
    file = ExportFile("copy.wav", CopyOf("stems/a.wav"))
    deliver(file, folder, lambda event: None)
    (folder.root / "copy.wav").write_bytes(b"mine")
    folder.write("stems/a.wav", "r2", b"other")
    events: list[Event] = []
    assert deliver(file, folder, events.append) == "copy (2).wav"
    assert read(folder, "copy.wav") == b"mine"
    assert isinstance(events[0], Warned)


def test_a_copy_whose_record_was_lost_is_taken_up(folder: OutputFolder) -> None:
    (folder.root / "copy.wav").write_bytes(SOUND)
    file = ExportFile("copy.wav", CopyOf("stems/a.wav"))
    assert deliver(file, folder, lambda event: None) == "copy.wav"


def test_a_stem_that_is_not_as_it_was_made_is_not_handed_over(folder: OutputFolder) -> None:
    (folder.root / "stems/a.wav").write_bytes(b"cut by somebody")
    for content in (CopyOf("stems/a.wav"), Archive((("a.wav", CopyOf("stems/a.wav")),))):
        with pytest.raises(OutputError, match=r"a\.wav: isn't as it was written: render it again"):
            deliver(ExportFile("x", content), folder, lambda event: None)
    (folder.root / "stems/a.wav").unlink()
    with pytest.raises(OutputError, match=r"a\.wav: can't be read: No such file"):
        deliver(ExportFile("x", CopyOf("stems/a.wav")), folder, lambda event: None)
    assert not (folder.root / "x").exists()
    assert not list((folder.root / ".musicgen-daw").glob("*.partial"))


def test_what_was_never_made_here_is_not_copied(folder: OutputFolder) -> None:
    (folder.root / "foreign.wav").write_bytes(b"theirs")
    with pytest.raises(OutputError, match="was not made here"):
        deliver(ExportFile("x", CopyOf("foreign.wav")), folder, lambda event: None)


def test_copying_takes_little_memory(folder: OutputFolder) -> None:
    folder.write("stems/long.wav", "r", bytes(40 << 20))
    members = tuple((f"{number}.wav", CopyOf("stems/long.wav")) for number in range(2))
    tracemalloc.start()
    try:
        deliver(ExportFile("long.zip", Archive(members)), folder, lambda event: None)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert (folder.root / "long.zip").stat().st_size > 80 << 20


def test_what_a_format_does_not_hold_is_told_when_it_is_written(folder: OutputFolder) -> None:
    events: list[Event] = []
    file = ExportFile("a.txt", b"a", losses=("it tells no tempo",))
    deliver(file, folder, events.append)
    deliver(file, folder, events.append)
    assert events == [FileWritten("a.txt"), Warned("a.txt", "it tells no tempo")]


def test_a_file_with_changes_of_the_user_is_not_said_to_be_written(folder: OutputFolder) -> None:
    file = ExportFile("a.rpp", b"a", losses=("it tells no tempo",))
    deliver(file, folder, lambda event: None)
    (folder.root / "a.rpp").write_bytes(b"mixed for three days")
    events: list[Event] = []
    assert deliver(file, folder, events.append) == "a.rpp"
    assert read(folder, "a.rpp") == b"mixed for three days"
    (told,) = events
    assert isinstance(told, Warned)
    assert "has your changes and stays" in told.message
