"""The checkpoints of the local engine: those on this machine, and those that can be got."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from musicgen_daw.errors import BackendError, MusicgenDawError
from musicgen_daw.home import in_home
from musicgen_daw.musicgen.config import CONFIG_KINDS, parse_config
from musicgen_daw.musicgen.files import CONFIG, find, follows_melody, hub_cache, locate, read_json
from musicgen_daw.musicgen.hub import Remote, download, look_up
from musicgen_daw.musicgen.published import PUBLISHED, PUBLISHED_LICENCE, hub_id
from musicgen_daw.project.checksums import Checksums, FileChecksum

__all__ = ["Model", "Offer", "check", "list_models", "offer", "pull"]

_PREFIX = "models--"
_ITS_MAKERS = "its maker's: see its page"


@dataclass(frozen=True, slots=True)
class Model:
    """A checkpoint by the name to be used for it.

    ``family`` tells mono or stereo, and whether it follows a melody. ``path`` is ``None`` where
    it isn't here; its size is then about what it will take. ``fault`` tells why one that is here
    can't be used. ``sha256`` is that of its weights, where they were read since they changed.
    """

    name: str
    family: str
    size_bytes: int
    licence: str
    path: Path | None = None
    fault: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a download would bring: told before anything is got."""

    remote: Remote
    licence: str
    cache: Path


def list_models(
    named: str | None,
    environment: Mapping[str, str] = os.environ,
    checksums: Checksums | None = None,
) -> list[Model]:
    """Return the checkpoints on this machine, then the published ones that are not.

    ``named`` is the one that settings or flags name, as a folder perhaps.
    """
    checksums = checksums or Checksums()
    here = {name: _model(name, environment, checksums) for name in _names(named, environment)}
    return [
        *(model for model in here.values() if model is not None),
        *(
            Model(one.id, one.family, int(one.about_gb * 1e9), PUBLISHED_LICENCE)
            for one in PUBLISHED.values()
            if here.get(one.id) is None
        ),
    ]


def offer(name: str, environment: Mapping[str, str] = os.environ) -> Offer:
    """Ask the hub what a checkpoint, by its id or our short name, would bring.

    Raises:
        BackendError: where the hub can't be asked or lacks it, or there is no room for it.
    """
    remote = look_up(hub_id(name), environment)
    cache = hub_cache(environment)
    existing = next((folder for folder in (cache, *cache.parents) if folder.exists()), cache)
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < remote.size_bytes:
        raise BackendError(
            f"needs {remote.size_bytes / 1e9:.1f} GB, and {free_bytes / 1e9:.1f} GB are free: "
            "make room, or name another folder in HF_HOME",
            path=cache,
        )
    return Offer(remote, _licence(remote.id, remote.licence), cache)


def pull(accepted: Offer, environment: Mapping[str, str] = os.environ) -> Path:
    """Download what was offered, and return its folder.

    Raises:
        BackendError: where it does not come whole.
    """
    folder = download(accepted.remote, accepted.cache, environment)
    find(folder)
    return folder


def check(
    name: str,
    environment: Mapping[str, str] = os.environ,
    checksums: Checksums | None = None,
) -> tuple[str, tuple[FileChecksum, ...]]:
    """Read all weights of a checkpoint on this machine; return its checksum and those of its files.

    Raises:
        BackendError: where it isn't here or can't be read.
        VerificationFailed: where a file is not what the hub promised.
    """
    is_folder = in_home(name).is_dir()
    return (checksums or Checksums()).read(
        find(locate(name if is_folder else hub_id(name), environment))
    )


def _names(named: str | None, environment: Mapping[str, str]) -> Iterator[str]:
    if named:
        yield named
    cache = hub_cache(environment)
    folders = sorted(cache.glob(f"{_PREFIX}*")) if cache.is_dir() else []
    for folder in folders:
        yield folder.name.removeprefix(_PREFIX).replace("--", "/")


def _model(name: str, environment: Mapping[str, str], checksums: Checksums) -> Model | None:
    """Return a checkpoint that is here; ``None`` for models of another kind."""
    licence = _licence(name, "")
    try:
        folder = locate(name, environment)
        files = find(folder)
        if files.layout == "audiocraft":
            family = "melody" if follows_melody(files) else "audiocraft"
        else:
            values = read_json(folder / CONFIG)
            if values.get("model_type") not in CONFIG_KINDS:
                return None
            config = parse_config(values, folder / CONFIG)
            sides = "stereo" if config.channels > 1 else "mono"
            family = f"{sides}, melody" if config.melody else sides
        size_bytes = sum(path.stat().st_size for path in files.weights)
    except (MusicgenDawError, OSError) as error:
        is_ours = name in {one.id for one in PUBLISHED.values()} or "musicgen" in name
        return Model(name, "", 0, licence, Path(name), str(error)) if is_ours else None
    return Model(name, family, size_bytes, licence, folder, sha256=checksums.known(files))


def _licence(name: str, told: str) -> str:
    if name in {one.id for one in PUBLISHED.values()}:
        return PUBLISHED_LICENCE
    return told or _ITS_MAKERS
