"""The compiled step: built by the machine's own C compiler when first used, and kept.

The result lies in the user's cache folder under a name that tells what it was made of, so that a
newer source or another compiler makes another one, and a folder shared by machines serves all of
them. ``CC`` names the compiler, as it does elsewhere; ``CC=false`` does without.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import platformdirs
import torch

__all__ = ["compiled", "library"]

_SOURCE = Path(__file__).with_name("step.c")
_FLAGS = ("-std=gnu11", "-O3", "-ffp-contract=fast", "-fPIC", "-shared", "-pthread")
_COMPILE_S = 120.0


@functools.cache
def library() -> ctypes.CDLL | None:
    """Return the compiled step, or ``None`` where this machine can have none."""
    return compiled(platformdirs.user_cache_path("musicgen-daw", appauthor=False), os.environ)


def compiled(folder: Path, environment: Mapping[str, str]) -> ctypes.CDLL | None:
    """Return what is in a folder, compiled before if it is not there.

    ``None`` stands for a machine without compiler, for a processor that the source does not know,
    and for a folder that can't be written.
    """
    command, target = _compiler(environment), _target()
    if command is None or target is None:
        return None
    arguments = [*command, *_FLAGS, *target]
    try:
        path = folder / f"step-{_digest(arguments)}{'.dll' if os.name == 'nt' else '.so'}"
        if path.exists():
            with suppress(OSError):  # cut off, say: then it is made anew
                return ctypes.CDLL(str(path))
        _compile(arguments, path)
        return ctypes.CDLL(str(path))
    except (OSError, subprocess.SubprocessError):
        return None


def _compiler(environment: Mapping[str, str]) -> list[str] | None:
    """Return the command that compiles, its program as a full path."""
    names = [environment["CC"]] if environment.get("CC") else ["cc", "gcc", "clang"]
    for name in names:
        try:
            program, *options = shlex.split(name)
        except ValueError:
            continue
        found = shutil.which(program, path=environment.get("PATH"))
        if found is not None:
            return [found, *options]
    return None


def _target() -> tuple[str, ...] | None:
    """Return the flags for this processor: not all that it can, but what all of its kind can.

    So one result serves many machines, and they compute the same.
    """
    machine = platform.machine().lower()
    if machine in ("x86_64", "amd64"):
        has_avx2 = torch.backends.cpu.get_cpu_capability().startswith("AVX")
        return ("-mavx2", "-mfma", "-mf16c") if has_avx2 else None
    return () if machine in ("aarch64", "arm64") else None


def _digest(arguments: list[str]) -> str:
    """Tell one result from others: by source, flags, and the compiler as its file was changed."""
    compiler = Path(arguments[0]).resolve()
    about = [*arguments, str(compiler), str(compiler.stat().st_mtime_ns), platform.system()]
    return hashlib.sha256("\0".join(about).encode() + _SOURCE.read_bytes()).hexdigest()[:16]


def _compile(arguments: list[str], path: Path) -> None:
    """Write the result under its name when it is whole: others may be at it as well."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / path.name
        subprocess.run(  # noqa: S603 - the user's own compiler
            [*arguments, str(_SOURCE), "-o", str(made), "-lm"],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_COMPILE_S,
        )
        made.replace(path)
