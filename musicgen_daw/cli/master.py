"""``musicgen-daw master``: the mastering chain on any sound files, or only their levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from musicgen_daw.cli.opening import signing_of
from musicgen_daw.cli.options import (
    json_option,
    option,
    pass_settings,
    preset_option,
    rate_option,
    signing_options,
)
from musicgen_daw.cli.progress import observing
from musicgen_daw.cli.text import print_json, print_table, printable
from musicgen_daw.errors import AudioError, RenderIncomplete, UsageError, VerificationFailed
from musicgen_daw.settings import BIT_DEPTHS, LUFS_RANGE, Settings

if TYPE_CHECKING:
    from musicgen_daw.audio import Levels
    from musicgen_daw.project.delivery import Delivery
    from musicgen_daw.project.mastered_file import MasteredFile
    from musicgen_daw.project.mastering import FailedFile, MeasuredFile

__all__ = ["master"]

LONGEST_FADE_MS = 600_000


class _TargetName(click.types.StringParamType):
    """The name of a delivery target; their table is only loaded to complete one."""

    name = "name"

    def shell_complete(
        self, _context: click.Context, _parameter: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        from click.shell_completion import CompletionItem

        from musicgen_daw.mastering.targets import TARGETS

        return [CompletionItem(name) for name in TARGETS if name.startswith(incomplete)]


_fade = click.FloatRange(0, LONGEST_FADE_MS)


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILES…"
)
@option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the mastered files; sub-folders are mirrored in it.",
)
@option(
    "--check",
    is_flag=True,
    help="Only measure; exit code 9 if a file is out of its target, or broken.",
)
@option(
    "--target",
    type=_TargetName(),
    help="A delivery target: ebu-r128, atsc-a85, streaming-14 … (any other name lists them).",
)
@option("--lufs", type=click.FloatRange(*LUFS_RANGE), help="Integrated loudness.")
@option("--ceiling-dbtp", type=click.FloatRange(-40, 0), help="Highest true peak.")
@preset_option
@rate_option
@option(
    "--bit-depth",
    type=click.Choice(BIT_DEPTHS, case_sensitive=False),
    help="Bit depth of the files; else as they are.",
)
@option("--channels", type=click.IntRange(1, 2), help="1 or 2; else as they are.")
@option("--fade-in-ms", type=_fade, help="Fade at the beginning.")
@option("--fade-out-ms", type=_fade, help="Fade at the end.")
@option(
    "--format",
    "file_format",
    metavar="wav|flac|aiff|ogg|mp3|aac|opus",
    help="File format; else as they are. AAC and Opus need ffmpeg.",
)
@option("--noise-shaping", is_flag=True, help="Shape the dither's noise (44.1 and 48 kHz).")
@option("--album", is_flag=True, help="One gain for all: they keep their levels to each other.")
@option("--overwrite", is_flag=True, help="Replace files that are in the output folder already.")
@signing_options
@json_option
@pass_settings
def master(
    settings: Settings,
    /,
    files: tuple[Path, ...],
    output: Path | None,
    check: bool,
    album: bool,
    overwrite: bool,
    as_json: bool,
    **wishes: Any,
) -> None:
    """Master sound FILES, or all in a folder, to a loudness below a true-peak ceiling.

    What a file has of tags, bext, iXML, markers and loop points is kept. Without --rate,
    --bit-depth, --channels and --format a file stays what it is.
    """
    flags = {name: wishes.pop(name) for name in ("c2pa_cert", "c2pa_key", "c2pa_prompt")}
    if check:
        _check(files, settings, wishes, as_json=as_json)
        return
    if output is None:
        raise UsageError("say where the files go: -o DIR, or --check to measure only")
    from musicgen_daw.project.delivery import plan_files
    from musicgen_daw.project.mastering import master_files

    delivery = _delivery(settings, wishes)
    signing = signing_of(settings, flags)
    jobs = plan_files(files, output, delivery, overwrite=overwrite)
    with observing() as observer:
        results = master_files(jobs, delivery, as_album=album, observer=observer, signing=signing)
    _print_mastered(results, as_json=as_json)
    _tell_failures(results)


def _check(
    files: Sequence[Path], settings: Settings, wishes: dict[str, Any], *, as_json: bool
) -> None:
    from musicgen_daw.project.mastering import FailedFile, measure_files

    asked = any(wishes[name] is not None for name in ("target", "lufs", "ceiling_dbtp", "preset"))
    results = measure_files(files, _delivery(settings, wishes).target if asked else None)
    _print_measured(results, as_json=as_json)
    missed = [r for r in results if not isinstance(r, FailedFile) and r.misses]
    for result in missed:
        for miss in result.misses:
            click.echo(printable(f"{result.path}: {miss}"), err=True)
    if missed:
        _tell_each_failure(results)
        raise VerificationFailed(f"{len(missed)} of {len(results)} files are not as they should be")
    _tell_failures(results)


def _delivery(settings: Settings, wishes: dict[str, Any]) -> Delivery:
    from musicgen_daw.project.delivery import resolve_delivery

    return resolve_delivery(settings, **wishes)


def _tell_failures(results: Sequence[object]) -> None:
    from musicgen_daw.project.mastering import FailedFile

    failed = [result for result in results if isinstance(result, FailedFile)]
    _tell_each_failure(failed)
    if failed and len(failed) == len(results):
        raise AudioError(f"no file could be done, of {len(results)}")
    if failed:
        raise RenderIncomplete(f"{len(failed)} of {len(results)} files failed, the rest is done")


def _tell_each_failure(results: Sequence[object]) -> None:
    from musicgen_daw.project.mastering import FailedFile

    for failure in results:
        if isinstance(failure, FailedFile):
            click.echo(printable(f"FAILED {failure.path}: {failure.error}"), err=True)


def _print_mastered(results: Sequence[MasteredFile | FailedFile], *, as_json: bool) -> None:
    from musicgen_daw.project.mastering import FailedFile

    if as_json:
        print_json([_mastered_json(result) for result in results])
        return
    print_table(
        ("file", "LUFS", "dBTP", "gain dB", "limited dB"),
        [
            (
                result.path,
                _shown(result.levels.integrated_lufs),
                _shown(result.levels.true_peak_dbtp),
                f"{result.gain_db:.2f}",
                f"{result.reduction_db:.2f}",
            )
            for result in results
            if not isinstance(result, FailedFile)
        ],
    )


def _mastered_json(result: MasteredFile | FailedFile) -> dict[str, object]:
    from musicgen_daw.project.mastering import FailedFile

    if isinstance(result, FailedFile):
        return {"path": None, "source": str(result.path), "error": str(result.error)}
    return {
        "path": str(result.path),
        "source": str(result.source),
        **_levels_json(result.levels),
        "seconds": float(result.seconds),
        "sample_rate": result.sample_rate,
        "channels": result.channels,
        "gain_db": result.gain_db,
        "reduction_db": result.reduction_db,
        "warnings": list(result.warnings),
    }


def _print_measured(results: Sequence[MeasuredFile | FailedFile], *, as_json: bool) -> None:
    from musicgen_daw.project.mastering import FailedFile

    if as_json:
        print_json([_measured_json(result) for result in results])
        return
    print_table(
        ("file", "LUFS", "max M", "max S", "LRA", "dBTP", "dBFS", "seconds"),
        [
            (
                result.path,
                _shown(levels.integrated_lufs),
                _shown(levels.max_momentary_lufs),
                _shown(levels.max_short_term_lufs),
                f"{levels.loudness_range_lu:.1f}",
                _shown(levels.true_peak_dbtp),
                _shown(levels.sample_peak_dbfs),
                f"{float(result.reading.seconds):.2f}",
            )
            for result in results
            if not isinstance(result, FailedFile)
            for levels in (result.reading.levels,)
        ],
    )


def _measured_json(result: MeasuredFile | FailedFile) -> dict[str, object]:
    from musicgen_daw.project.mastering import FailedFile

    if isinstance(result, FailedFile):
        return {"path": str(result.path), "error": str(result.error)}
    reading = result.reading
    mono_loss_db = reading.mono_loss_db
    return {
        "path": str(result.path),
        **_levels_json(reading.levels),
        "seconds": float(reading.seconds),
        "sample_rate": reading.sample_rate,
        "channels": reading.channels,
        "peak_to_loudness_db": reading.peak_to_loudness_db,
        "mono_loss_db": None if mono_loss_db is None else _finite(mono_loss_db),
        "dc_offset": reading.dc_offset,
        "clipped_samples": reading.clipped_samples,
        "clipped_runs": reading.clipped_runs,
        "head_silence_s": reading.head_silence_samples / reading.sample_rate,
        "tail_silence_s": reading.tail_silence_samples / reading.sample_rate,
        "non_finite_samples": reading.non_finite_samples,
        "ungated": reading.is_ungated,
        "misses": list(result.misses),
    }


def _levels_json(levels: Levels) -> dict[str, float | None]:
    return {
        "integrated_lufs": _finite(levels.integrated_lufs),
        "max_momentary_lufs": _finite(levels.max_momentary_lufs),
        "max_short_term_lufs": _finite(levels.max_short_term_lufs),
        "loudness_range_lu": _finite(levels.loudness_range_lu),
        "true_peak_dbtp": _finite(levels.true_peak_dbtp),
        "sample_peak_dbfs": _finite(levels.sample_peak_dbfs),
    }


def _finite(level: float) -> float | None:
    return level if math.isfinite(level) else None


def _shown(level: float) -> str:
    return f"{level:.2f}" if math.isfinite(level) else "silent"
