"""Which device a name means on this machine. Only names beyond ``cpu`` load torch."""

from __future__ import annotations

import re

from musicgen_daw.errors import BackendError, did_you_mean
from musicgen_daw.musicgen.config import CARD_PRECISIONS, DEVICES, PRECISIONS, Precision
from musicgen_daw.musicgen.runtime import load_torch

__all__ = ["check_precision", "device_called"]

_CARD = re.compile(r"cuda(?::([0-9]{1,3}))?")


def device_called(name: str) -> str:
    """Return torch's name of a device: ``cpu``, ``cuda``, ``cuda:1``, ``mps``; of ``auto`` as well.

    Raises:
        BackendError: for an unknown name, or a device that torch can't use here.
    """
    if name == "cpu":
        return name
    card = _CARD.fullmatch(name)
    if card is None and name not in ("auto", "mps"):
        nearest = did_you_mean(name, DEVICES)
        raise BackendError(f"unknown device {name!r}{nearest}: known are {', '.join(DEVICES)}")
    load_torch()
    import torch

    cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    has_mps = torch.backends.mps.is_available()
    if name == "auto":
        return "cuda" if cards else "mps" if has_mps else "cpu"
    if name == "mps" and not has_mps:
        raise _not_here(name, "torch finds no Apple GPU")
    if card is not None and int(card[1] or 0) >= cards:
        found = "none" if not cards else f"only cuda:0 to cuda:{cards - 1}" if cards > 1 else "one"
        raise _not_here(name, f"torch finds {found}")
    return name


def check_precision(precision: Precision, device: str) -> None:
    """Refuse a precision that a device does not compute in.

    Raises:
        BackendError: for such a one.
    """
    known = PRECISIONS if device == "cpu" else CARD_PRECISIONS
    if precision not in known:
        raise BackendError(
            f"precision {precision!r} is none of device {device!r}: it has {', '.join(known)}"
        )


def _not_here(name: str, reason: str) -> BackendError:
    return BackendError(
        f"device {name!r} can't be used: {reason}. 'cpu' always works; a card needs its driver and "
        "a torch that was built for it (pytorch.org tells which)"
    )
