"""Files that a user names are read at once, to their end, and only if they are small."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from musicgen_daw.small_files import read_small

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes among its files")


def test_a_file_is_read_whole_up_to_a_size(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_small(path, 5) == b"12345"
    with pytest.raises(OSError, match="File too large"):
        read_small(path, 4)


@posix
def test_a_pipe_that_nobody_writes_to_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert read_small(path) == b""


@posix
def test_a_pipe_that_somebody_writes_to_is_read_to_its_end() -> None:
    reading, writing = os.pipe()  # as a shell's <(command) is passed on
    first_is_read = threading.Event()

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(b"a" * 100_000)
            file.flush()
            first_is_read.wait(1)
            file.write(b"b")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert len(read_small(Path(f"/dev/fd/{reading}"))) == 100_001
    finally:
        first_is_read.set()
        writer.join()
        os.close(reading)


@posix
def test_a_device_without_an_end_is_refused() -> None:
    with pytest.raises(OSError, match="File too large"):
        read_small(Path("/dev/zero"), 1000)
