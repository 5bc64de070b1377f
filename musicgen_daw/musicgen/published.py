"""The checkpoints that MusicGen's makers published, by the short names that we give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["PUBLISHED", "PUBLISHED_LICENCE", "Published", "hub_id"]

PUBLISHED_LICENCE = "CC-BY-NC 4.0: not for commercial use"


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint on the hub. ``about_gb`` is what its weights take, told in full when pulled."""

    id: str
    family: str
    about_gb: float


def _all() -> dict[str, Published]:
    sizes_gb = {
        "small": 2.4, "medium": 8.0, "large": 13.7, "melody": 6.2, "melody-large": 10.5,
        "stereo-small": 2.4, "stereo-medium": 8.1, "stereo-large": 13.8,
        "stereo-melody": 6.3, "stereo-melody-large": 10.6,
    }  # fmt: skip
    return {
        name: Published(f"facebook/musicgen-{name}", _family(name), about_gb)
        for name, about_gb in sizes_gb.items()
    }


def _family(name: str) -> str:
    sides = "stereo" if "stereo" in name else "mono"
    return f"{sides}, melody" if "melody" in name else sides


PUBLISHED: Mapping[str, Published] = MappingProxyType(_all())


def hub_id(name: str) -> str:
    """Return the hub's id of a short name; another name is an id already."""
    published = PUBLISHED.get(name)
    return name if published is None else published.id
