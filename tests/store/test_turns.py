"""Turns among threads and processes, in real time: what is counted never depends on how long."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from musicgen_daw.errors import StoreError
from musicgen_daw.store.turns import Turns


def never() -> bool:
    return False


def after(looks: int) -> Callable[[], bool]:
    """Give up at the n-th time of being asked."""
    asked = count(1)
    return lambda: next(asked) >= looks


def most_at_once(spans: list[tuple[float, float]]) -> int:
    return max(sum(start <= at < end for start, end in spans) for at, _ in spans)


def test_threads_of_a_process_share_the_turns(tmp_path: Path) -> None:
    spans = []

    def call(_: int) -> None:
        with turns.turn(never):
            start_s = time.monotonic()
            time.sleep(0.005)
            spans.append((start_s, time.monotonic()))

    with (
        Turns(tmp_path, "https://service.example", 3, None, clock=time.time) as turns,
        ThreadPoolExecutor(12) as pool,
    ):
        list(pool.map(call, range(48)))
    assert len(spans) == 48
    assert most_at_once(spans) == 3


def test_another_object_of_the_same_name_is_counted_in(tmp_path: Path) -> None:
    with (
        Turns(tmp_path, "service", 1, None, clock=time.time) as one,
        Turns(tmp_path, "service", 2, None, clock=time.time) as wider,
        Turns(tmp_path, "other", 1, None, clock=time.time) as other,
    ):
        with one.turn(never):
            with (
                Turns(tmp_path, "service", 1, None, clock=time.time) as twin,
                pytest.raises(CancelledError),
                twin.turn(after(3)),
            ):
                pass
            with wider.turn(never), other.turn(never):
                pass
        with one.turn(never):
            pass


def test_of_the_threads_of_a_process_one_looks_for_the_places_of_others(tmp_path: Path) -> None:
    sleepers: set[int] = set()
    most_sleepers = 0
    looked_often = threading.Event()
    looks = count(1)

    def sleep(seconds: float) -> None:
        nonlocal most_sleepers
        sleepers.add(threading.get_ident())
        most_sleepers = max(most_sleepers, len(sleepers))
        time.sleep(seconds)
        sleepers.remove(threading.get_ident())
        if next(looks) == 10:
            looked_often.set()

    def call() -> None:
        with waiting.turn(never):
            pass

    with (
        Turns(tmp_path, "service", 2, None, clock=time.time) as holding,
        Turns(tmp_path, "service", 2, None, clock=time.time, sleep=sleep) as waiting,
        ThreadPoolExecutor(4) as pool,
    ):
        with holding.turn(never), holding.turn(never):
            calls = [pool.submit(call) for _ in range(4)]
            looked_often.wait(60)
        for each in calls:
            each.result()
    assert most_sleepers == 1


A_CALLER = """
import json, sys, time
from pathlib import Path
from musicgen_daw.store.turns import Turns

class Clock:
    told_s = 0.0
    def __call__(self):
        self.told_s = time.time()
        return self.told_s

clock = Clock()
calls = []
with Turns(Path(sys.argv[1]), "service", 3, 3000.0, clock=clock) as turns:
    for _ in range(12):
        with turns.turn(lambda: False):
            start_s = time.monotonic()
            due_s = clock.told_s  # at which the call was counted, however late it runs
            time.sleep(0.01)
            calls.append((due_s, start_s, time.monotonic()))
print(json.dumps(calls))
"""


def test_four_processes_hold_the_rate_and_the_number_at_once(tmp_path: Path) -> None:
    callers = [
        subprocess.Popen(
            [sys.executable, "-c", A_CALLER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    calls = []
    for caller in callers:
        told, _ = caller.communicate(timeout=60)
        assert caller.returncode == 0
        calls += json.loads(told)

    assert len(calls) == 48
    assert most_at_once([(start_s, end_s) for _, start_s, end_s in calls]) <= 3
    counted = sorted(due_s for due_s, _, _ in calls)
    for first, due_s in enumerate(counted):
        in_half_a_second = sum(due_s <= later < due_s + 0.5 for later in counted[first:])
        assert in_half_a_second <= 25 * 0.9 + 8 + 1  # 3000 a minute, and the burst


A_HOLDER = """
import sys, time
from pathlib import Path
from musicgen_daw.store.turns import Turns
turns = Turns(Path(sys.argv[1]), "service", 1, None, clock=time.time)
with turns.turn(lambda: False):
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_turn_of_a_killed_process_is_free_again(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", A_HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with Turns(tmp_path, "service", 1, None, clock=time.time) as turns:
                with pytest.raises(CancelledError), turns.turn(after(5)):
                    pass
                holder.kill()
                with turns.turn(never):
                    pass
        finally:
            holder.kill()


# -- giving up ---------------------------------------------------------------------------------


def test_who_waits_for_a_thread_may_give_up(tmp_path: Path) -> None:
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.turn(never):
            held.set()
            over.wait(60)

    with (
        Turns(tmp_path, "service", 1, None, clock=time.time) as turns,
        ThreadPoolExecutor(1) as pool,
    ):
        holding = pool.submit(hold)
        held.wait(60)
        with pytest.raises(CancelledError), turns.turn(after(2)):
            pass
        over.set()
        holding.result()
        with turns.turn(never):
            pass


def test_who_waits_for_the_minute_may_give_up_and_leaves_the_place_free(tmp_path: Path) -> None:
    slept_s = []
    now_s = 1000.0

    def sleep(seconds: float) -> None:
        slept_s.append(seconds)

    with Turns(tmp_path, "service", 1, 1.0, clock=lambda: now_s, sleep=sleep) as turns:
        with turns.turn(never):
            pass
        with pytest.raises(CancelledError), turns.turn(after(6)):
            pass
        assert 0 < len(slept_s) < 6
        assert max(slept_s) <= 0.1
        now_s += 100
        with turns.turn(never):
            pass


def test_what_nobody_wants_gets_no_turn(tmp_path: Path) -> None:
    with (
        Turns(tmp_path, "service", 1, None, clock=time.time) as turns,
        pytest.raises(CancelledError),
        turns.turn(lambda: True),
    ):
        pass


def test_an_error_inside_a_turn_ends_it(tmp_path: Path) -> None:
    with Turns(tmp_path, "service", 1, None, clock=time.time) as turns:
        with pytest.raises(ZeroDivisionError), turns.turn(never):
            _ = 1 / 0
        with turns.turn(never):
            pass


def test_a_refusal_holds_back_the_turns_of_others(tmp_path: Path) -> None:
    now_s = 1000.0

    def sleep(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds

    with (
        Turns(tmp_path, "service", 2, None, clock=lambda: now_s) as refused,
        Turns(tmp_path, "service", 2, None, clock=lambda: now_s, sleep=sleep) as turns,
    ):
        refused.slow_down(1030.0)
        with turns.turn(never):
            assert 1030.0 <= now_s < 1030.2


# -- what can't be -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at_once", "per_minute"), [(0, None), (1, 0.0), (1, -1.0), (1, float("nan"))]
)
def test_limits_that_let_nobody_call_are_refused(
    tmp_path: Path, at_once: int, per_minute: float | None
) -> None:
    with pytest.raises(ValueError):
        Turns(tmp_path, "service", at_once, per_minute, clock=time.time)


def test_a_store_that_cant_be_written_is_an_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "turns").write_text("in the way")
    with pytest.raises(StoreError, match=r"turns.*calls can't be counted"):
        Turns(tmp_path, "service", 1, None, clock=time.time)


def test_names_of_services_are_no_file_names(tmp_path: Path) -> None:
    name = "https://../../\0\ud800:8765/" + "long" * 200
    with Turns(tmp_path / "store", name, 1, None, clock=time.time) as turns, turns.turn(never):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"store"}
    assert {path.name for path in (tmp_path / "store").iterdir()} >= {"turns", "limits.sqlite"}
