"""Which device is meant, and what it computes in."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.backends.musicgen import MusicgenBackend  # noqa: E402
from musicgen_daw.errors import BackendError  # noqa: E402
from musicgen_daw.musicgen.devices import check_precision, device_called  # noqa: E402
from musicgen_daw.planning import Choice  # noqa: E402

CARDS = torch.cuda.device_count() if torch.cuda.is_available() else 0


def test_the_processor_is_always_there_and_auto_is_something() -> None:
    assert device_called("cpu") == "cpu"
    best = "cuda" if CARDS else "mps" if torch.backends.mps.is_available() else "cpu"
    assert device_called("auto") == best


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cuda:1000", "CUDA", "cuda:-1", ""])
def test_other_names_are_refused(name) -> None:
    with pytest.raises(BackendError, match=r"unknown device .* known are auto, cpu, cuda, "):
        device_called(name)


def test_a_card_that_is_not_there_is_told_with_what_is() -> None:
    with pytest.raises(BackendError, match="device 'cuda:999' can't be used: torch finds"):
        device_called("cuda:999")


def test_a_precision_that_a_device_does_not_have_is_told_with_one_that_it_has() -> None:
    with pytest.raises(BackendError, match="'int8' is none of device 'cuda:1': it has fp32, bf"):
        check_precision("int8", "cuda:1")
    with pytest.raises(BackendError, match="'kv8' is none of device 'cpu': it has fp32, bf16, i"):
        check_precision("kv8", "cpu")


def test_a_plan_tells_it_before_anything_is_loaded(reference) -> None:
    backend = MusicgenBackend(str(reference("tiny").folder), environment={})
    with pytest.raises(BackendError, match="it has fp32, bf16, int8"):
        backend.choose(Choice(precision="kv8"))
    with pytest.raises(BackendError, match="can't be used"):
        backend.choose(Choice(device="cuda:999"))
