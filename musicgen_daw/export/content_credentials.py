"""What a signed file claims about itself: Content Credentials, as a manifest of C2PA.

Source: C2PA Technical Specification 2.2, actions; IPTC NewsCodes, Digital Source Type.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.stems import Provenance

__all__ = ["MEDIA_TYPES", "PARENT", "claim", "edited"]

MEDIA_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg"}
"""The formats of ours that C2PA has a place for a manifest in, and their media types."""

PARENT = "parent"
"""What ``edited`` calls the file that it was made from."""

_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_MAKER = "musicgen_daw"


def claim(
    title: str, provenance: Provenance, *, is_trained: bool, tells_prompt: bool
) -> dict[str, Any]:
    """Return the manifest of a file that was created, and by what.

    ``is_trained`` says that its generator has learned from other music.
    """
    media = "trainedAlgorithmicMedia" if is_trained else "algorithmicMedia"
    told = {
        "generator": provenance.generator,
        "model": provenance.model,
        "seed": "" if provenance.seed is None else str(provenance.seed),
        "prompt": provenance.prompt if tells_prompt else "",
        "licence": provenance.licence,
    }
    created = {
        "action": "c2pa.created",
        "digitalSourceType": f"{_SOURCE_TYPES}{media}",
        "softwareAgent": {"name": one_line(f"{_MAKER} {provenance.generator}")},
        "parameters": {key: one_line(text) for key, text in told.items() if text},
    }
    return _manifest(title, created)


def edited(title: str) -> dict[str, Any]:
    """Return the manifest of a file that was mastered, from the file that is called ``PARENT``."""
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
    mastered = {"action": "c2pa.edited", "softwareAgent": {"name": f"{_MAKER} master"}}
    return _manifest(title, opened, mastered)


def _manifest(title: str, *actions: dict[str, Any]) -> dict[str, Any]:
    return {
        "claim_generator_info": [{"name": _MAKER, "version": version("musicgen-daw")}],
        "title": one_line(title),
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": list(actions)}}],
    }
