"""What rings when its time is over, and what doesn't."""

from __future__ import annotations

import threading
from queue import SimpleQueue

from musicgen_daw.backends.segmind.alarms import Alarms


def test_alarms_ring_in_the_order_of_their_times() -> None:
    rung: SimpleQueue[str] = SimpleQueue()
    alarms = Alarms()
    for name, after_s in (("never", 600.0), ("late", 0.06), ("soon", 0.02), ("now", 0.0)):
        alarms.set(after_s, lambda name=name: rung.put(name))
    assert [rung.get(timeout=10) for _ in range(3)] == ["now", "soon", "late"]
    alarms.close()


def test_what_is_cancelled_does_not_ring() -> None:
    rung: SimpleQueue[str] = SimpleQueue()
    alarms = Alarms()
    first = alarms.set(0.03, lambda: rung.put("cancelled"))
    last = alarms.set(0.06, lambda: rung.put("kept"))
    alarms.cancel(first)
    assert rung.get(timeout=10) == "kept"
    alarms.cancel(last)  # it has rung
    assert rung.empty()
    alarms.close()


def test_a_thousand_alarms_need_one_thread_which_ends() -> None:
    before = set(threading.enumerate())
    alarms = Alarms()
    for each in [alarms.set(600, lambda: None) for _ in range(1000)]:
        alarms.cancel(each)
    (thread,) = set(threading.enumerate()) - before
    alarms.close()
    thread.join(10)
    assert not thread.is_alive()
