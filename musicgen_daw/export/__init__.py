"""Hand-offs: files that DAWs, game engines and people open, written from one ``Session``.

Names are resolved when they are first used: a WAV file's chunks need no exporter.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from musicgen_daw.export.exporters import (
        DEFAULT_EXPORTERS,
        EXPORTERS,
        Exporter,
        export,
        exporter_names,
        exporters_named,
    )
    from musicgen_daw.export.files import Archive, CopyOf, ExportFile, MonoOf

__all__ = [
    "DEFAULT_EXPORTERS",
    "EXPORTERS",
    "Archive",
    "CopyOf",
    "ExportFile",
    "Exporter",
    "MonoOf",
    "export",
    "exporter_names",
    "exporters_named",
]

_FILES = ("Archive", "CopyOf", "ExportFile", "MonoOf")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "files" if name in _FILES else "exporters"
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
