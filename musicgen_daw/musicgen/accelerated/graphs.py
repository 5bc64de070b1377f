"""How a step is run again and again: as it is written, or recorded once and replayed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Protocol

import torch
from torch import Tensor

__all__ = ["AsWritten", "CudaGraphs", "Replay", "replay_on"]


class Replay(Protocol):
    """Runs work whose shapes and places are always the same for the same key."""

    def __call__(self, key: Hashable, work: Callable[[], Tensor]) -> Tensor:
        """Return what the work does now; it is good until the next call."""

    def forget(self) -> None:
        """Places have changed: nothing that was recorded holds any more."""


class AsWritten:
    """No recording: for devices that have no graphs."""

    def __call__(self, key: Hashable, work: Callable[[], Tensor]) -> Tensor:  # noqa: ARG002
        """Do the work."""
        return work()

    def forget(self) -> None:
        """There is nothing to forget."""


class CudaGraphs:
    """One CUDA graph a key.

    The work runs a few times before it is recorded, as CUDA's libraries set themselves up on first
    use: to run it again on the same inputs must change nothing.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._graphs: dict[Hashable, tuple[Any, Tensor]] = {}
        self._pool: Any = None

    def __call__(self, key: Hashable, work: Callable[[], Tensor]) -> Tensor:
        """Replay the work, which is recorded where it is new."""
        with torch.cuda.device(self._device):
            if key not in self._graphs:
                self._graphs[key] = self._recorded(work)
            graph, result = self._graphs[key]
            graph.replay()
        return result

    def forget(self) -> None:
        """Drop all recordings."""
        self._graphs.clear()
        self._pool = None

    def _recorded(self, work: Callable[[], Tensor]) -> tuple[Any, Tensor]:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(2):
                work()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            result = work()
        self._pool = graph.pool()
        return graph, result


def replay_on(device: torch.device) -> Replay:
    """Return the way in which a device repeats itself."""
    return CudaGraphs(device) if device.type == "cuda" else AsWritten()
