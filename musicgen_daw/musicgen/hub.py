"""Checkpoints on the hub: what one consists of, and how it comes here. Only when asked to.

No key is read or sent: what is published is public.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musicgen_daw.errors import BackendError
from musicgen_daw.musicgen.files import AUDIOCRAFT, CONFIG

__all__ = ["Remote", "download", "look_up"]

_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "spiece.model")
_FORMS = (
    re.compile(r"model\.safetensors"),
    re.compile(r"model(-\d+-of-\d+\.safetensors|\.safetensors\.index\.json)"),
    re.compile(r"pytorch_model\.bin"),
    re.compile(r"pytorch_model(-\d+-of-\d+\.bin|\.bin\.index\.json)"),
    re.compile("|".join(map(re.escape, AUDIOCRAFT))),
)
"""The forms in which weights come, the best first: one of them is enough."""


@dataclass(frozen=True, slots=True)
class Remote:
    """What there is to get of a checkpoint: sizes in bytes by file, and the licence it tells."""

    id: str
    files: Mapping[str, int]
    licence: str

    @property
    def size_bytes(self) -> int:
        """The size of all that is to be got."""
        return sum(self.files.values())


def look_up(name: str, environment: Mapping[str, str]) -> Remote:
    """Ask the hub what a checkpoint consists of; nothing of it is downloaded.

    Raises:
        BackendError: where the hub can't be asked, or has no checkpoint of this name.
    """
    api = _library().HfApi(endpoint=environment.get("HF_ENDPOINT"), token=False)
    try:
        found = api.model_info(name, files_metadata=True)
    except Exception as error:  # noqa: BLE001  # its own, or of the HTTP library that it uses
        raise _failure(name, error) from None
    sizes = {file.rfilename: int(file.size or 0) for file in found.siblings or ()}
    weights = next((w for form in _FORMS if (w := list(filter(form.fullmatch, sizes)))), None)
    if not weights:
        raise BackendError("has no weights that this engine reads", path=name)
    wanted = [CONFIG, *_TOKENIZER, *weights]
    licence = getattr(found.card_data, "license", None)
    return Remote(
        name,
        {file: sizes[file] for file in wanted if file in sizes},
        licence if isinstance(licence, str) else "",
    )


def download(remote: Remote, cache: Path, environment: Mapping[str, str]) -> Path:
    """Get a checkpoint into the folder where the hub's own tools keep theirs.

    What an earlier attempt got is not got again.

    Raises:
        BackendError: where it does not come whole.
    """
    try:
        folder = _library().snapshot_download(
            remote.id,
            cache_dir=cache,
            allow_patterns=list(remote.files),
            endpoint=environment.get("HF_ENDPOINT"),
            token=False,
        )
    except Exception as error:  # noqa: BLE001  # its own, or of the HTTP library that it uses
        raise _failure(remote.id, error) from None
    return Path(folder)


def _library() -> Any:
    try:
        import huggingface_hub
    except ImportError:
        raise BackendError(
            "to get a checkpoint needs huggingface_hub: pip install 'musicgen-daw[musicgen]'"
        ) from None
    return huggingface_hub


def _failure(name: str, error: Exception) -> BackendError:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403, 404):
        return BackendError("is no public checkpoint on the hub", path=name)
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    return BackendError(f"can't be got from the hub: {reason}", path=name)
