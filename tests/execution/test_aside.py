"""Work beside the listener."""

from __future__ import annotations

import threading

from musicgen_daw.execution.aside import Several


def test_so_many_work_at_once_and_all_are_waited_for() -> None:
    together, done = threading.Barrier(3), []

    def work() -> None:
        together.wait(10)
        done.append(threading.current_thread().name)

    several = Several(3, name="storing")
    for _ in range(9):
        several.start(work)
    several.wait()
    assert done == ["storing"] * 9


def test_no_more_work_is_started_than_there_is_room_for() -> None:
    several, lock, counts = Several(2, name="storing"), threading.Lock(), [0]

    def work() -> None:
        with lock:
            counts.append(counts[-1] + 1)
        with lock:
            counts.append(counts[-1] - 1)

    for _ in range(50):
        several.start(work)
    several.wait()
    several.wait()  # nothing is left to wait for
    assert max(counts) <= 2
    assert counts[-1] == 0
