"""Disks that are full at some write, or lose power, while clips are being paid.

A library that is loaded before the program plays the disk: it lets the writes of Python and of
SQLite fail, and keeps a copy of what was synced. So "power is cut" means: what was not synced, a
file's content or a folder's names, is gone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hostile import KEY, Act, Call, Exchange, HostileServer, proper
from studio import Studio

from musicgen_daw.project.verification import verify
from musicgen_daw.store.clips import ClipStore
from musicgen_daw.store.journal import Attempt, Journal

SOURCE = Path(__file__).with_name("forgetful_disk.c")
STEP = int(os.environ.get("MUSICGEN_DAW_DISK_STEP", "9"))
"""Of the writes of a run each so many-th one is the first to fail; with 1 it is every one."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a compiler"
    ),
]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that plays the disk."""
    library = tmp_path_factory.mktemp("disk") / "disk.so"
    command = ["cc", "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return library


def hashes(folder: Path) -> dict[Path, str]:
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("stems/**/*.wav")
    }


# -- 3: full ---------------------------------------------------------------------------------------


def test_whenever_the_disk_is_full_what_was_paid_is_stored_or_listed_and_the_rest_is_intact(
    studio: Studio, disk: Path
) -> None:
    first = replace(studio, folder=studio.folder / "first")
    first.folder.mkdir()
    assert studio.run(first.render(first.sheet("early")), first.environment()).returncode == 0

    def begun(name: str) -> Studio:
        shutil.copytree(first.folder, studio.folder / name)
        return replace(studio, folder=studio.folder / name)

    whole = begun("whole")
    count = whole.folder / "count"
    told = {"LD_PRELOAD": str(disk), "DISK_ROOT": str(whole.folder), "DISK_COUNT": str(count)}
    sheet = whole.sheet("early", "whole one", "whole other")
    environment = whole.environment(at_once=1)
    assert studio.run_alone(whole.render(sheet), environment | told).returncode == 0
    writes = int(count.read_text())
    assert writes > 50

    stopped = 0
    for number in range(1, writes + 1, STEP):
        desk = begun(f"full{number}")
        early = hashes(desk.output)
        sheet = desk.sheet("early", f"one {number}", f"other {number}")
        full = {
            "LD_PRELOAD": str(disk),
            "DISK_ROOT": str(desk.folder),
            "DISK_FULL_AT": str(number),
        }
        ended = studio.run_alone(desk.render(sheet), environment_of(desk) | full)
        stopped += ended.returncode != 0
        assert "Traceback" not in ended.stderr, (number, ended.stderr)
        assert ended.returncode == 0 or ended.stderr.splitlines()[-1].startswith("error: ")
        studio.wait_until_idle()
        assert early.items() <= hashes(desk.output).items()
        assert_books_agree(desk, number)
        # There is room again: what was paid is fetched and nothing is paid twice.
        if desk.open_requests():
            studio.run(desk.command("jobs", "fetch", "all"), environment_of(desk))
        again = studio.run(desk.render(sheet), environment_of(desk))
        assert again.returncode == 0, (number, again.stderr)
        assert_books_agree(desk, number)
        assert list(verify(desk.output, ClipStore(desk.store))) == []
        assert not list(desk.folder.rglob("*.partial"))
        shutil.rmtree(desk.folder)
    assert stopped > writes / STEP / 2


def environment_of(desk: Studio) -> dict[str, str]:
    return desk.environment(at_once=1)


def assert_books_agree(desk: Studio, number: int) -> None:
    """Nothing was paid twice, and what was paid is a whole clip, or open in the journal."""
    paid = desk.paid()
    assert set(paid.values()) == {1}
    here = {one for one in paid if one[0].split()[-1] == str(number)}
    assert here <= desk.stored() | desk.open_requests(), number
    store = ClipStore(desk.store)
    for attempt in desk.attempts():
        clip = store.get(attempt.key)
        assert clip is None or store.check(clip) == []


# -- 2: without power ------------------------------------------------------------------------------


@dataclass
class Power:
    """What a power cut would leave of a folder, at any instant, as the disk's shadow tells."""

    root: Path
    shadow: Path
    work: Path
    cuts: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def cut(self) -> Path:
        """Return the folder as a cut at this instant leaves it."""
        with self.lock:
            self.cuts += 1
            left = self.work / str(self.cuts)
        self._restore(self.root.stat().st_ino, left)
        return left

    def _restore(self, inode: int, to: Path) -> None:
        to.mkdir(parents=True)
        names = self.shadow / f"d{inode}"
        if not names.exists():
            return
        for line in names.read_text().splitlines():
            number, kind, name = line.split(" ", 2)
            content = self.shadow / f"f{number}"
            if kind == "d":
                self._restore(int(number), to / name)
            elif content.exists():
                shutil.copyfile(content, to / name)
            else:
                (to / name).touch()


def attempts_in(left: Path) -> list[Attempt]:
    journal = Journal.open_existing(left / "store" / "journal.sqlite", lambda: 0.0)
    assert journal is not None
    with journal:
        return list(journal.attempts())


@pytest.fixture
def power(tmp_path: Path) -> Iterator[Power]:
    for name in ("root", "shadow", "cuts"):
        (tmp_path / name).mkdir()
    return Power(tmp_path / "root", tmp_path / "shadow", tmp_path / "cuts")


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_what_is_noted_before_a_call_and_told_after_it_outlives_a_power_cut(
    studio: Studio, disk: Path, power: Power, api: str
) -> None:
    desk = replace(studio, folder=power.root)
    seen: list[str] = []

    def script(call: Call) -> Act | None:
        """Look at the disk while the call waits for its answer."""

        def act(exchange: Exchange) -> None:
            if call.method == "POST":
                (attempt,) = [
                    one
                    for one in attempts_in(power.cut())
                    if one.request is not None and one.request.prompt == call.asked["prompt"]
                ]
                seen.append(f"POST {attempt.state}")
            elif call.path.endswith("/status"):
                id_ = call.path.split("/")[-2]
                states = [one.state for one in attempts_in(power.cut()) if one.provider_id == id_]
                seen.append(f"GET {states}")
            proper()(exchange)

        return act

    with HostileServer(script) as server:
        environment = desk.environment(server.url, api=api, at_once=2) | {
            "SEGMIND_API_KEY": KEY,
            "LD_PRELOAD": str(disk),
            "DISK_ROOT": str(power.root),
            "DISK_SHADOW": str(power.shadow),
        }
        sheet = desk.sheet("one", "two", "three", "four")
        with subprocess.Popen(
            desk.render(sheet), env=environment, stderr=subprocess.PIPE, text=True
        ) as process:
            made = 0
            for line in process.stderr:
                if line.startswith("made "):
                    made += 1
                    left = power.cut()
                    finished = [one for one in attempts_in(left) if one.state == "finished"]
                    assert len(finished) >= made
                    store = ClipStore(left / "store")
                    for one in finished:
                        clip = store.get(one.key)
                        assert clip is not None
                        assert store.check(clip) == []
        assert process.returncode == 0
    assert made == 4
    assert seen.count("POST intended") == 4
    gets = [one for one in seen if one.startswith("GET")]
    assert len(seen) == 4 + len(gets)
    assert set(gets) <= {"GET ['accepted']"}
    assert bool(gets) == (api == "v2")
    # And at the end all of it is there.
    left = power.cut()
    assert list(verify(left / "out", ClipStore(left / "store"))) == []
    assert hashes(left / "out") == hashes(power.root / "out")
    assert len(hashes(left / "out")) == 4
