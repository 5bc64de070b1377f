"""Who decides what: the one chain of precedence, and the wishes that come from outside a sheet.

built-in default < user settings < SHEET.toml < preset < environment and flags < the cue itself
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from musicgen_daw.errors import PlanError, SettingsError
from musicgen_daw.home import in_home
from musicgen_daw.settings import BIT_DEPTHS, BitDepth, Settings
from musicgen_daw.timeline import ASSUMED_FRAME_RATE, CueSheet, FrameRate, Timecode

__all__ = ["SAYS_NOTHING", "Output", "PlanOptions", "resolve_output", "settle"]

ValueT = TypeVar("ValueT")

PCM_24: BitDepth = "24"

_DEPTHS: Mapping[str, tuple[BitDepth, ...]] = MappingProxyType({"flac": ("16", "24")})
"""The bit depths of the formats that don't hold all of them."""

_MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_FLAC_ANY_RATE_TO = 65_535
_FLAC_HIGH_RATES = (88_200, 96_000, 176_400, 192_000)


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Wishes for a whole sheet, each ``None`` where nothing was said.

    The same values come from the user's settings, which are weak, and from the environment and
    flags, which are strong. ``preset`` is for cues that name none. ``start_timecode`` is a label
    such as ``01:00:00:00``, read at the frame rate that rules in the end. ``audio_prompt`` and
    ``melody`` are paths. ``model``, ``precision``, ``device`` and ``batch`` are for generators
    that have several, and ``soundfont``, a path, for those that play scores with one.

    Raises:
        ValueError: for no takes or a rate that is not positive.
    """

    preset: str | None = None
    backend: str | None = None
    takes: int | None = None
    seed: int | None = None
    sample_rate: int | None = None
    bit_depth: BitDepth | None = None
    file_format: str | None = None
    frame_rate: FrameRate | None = None
    start_timecode: str | None = None
    audio_prompt: str | None = None
    melody: str | None = None
    negative_prompt: str | None = None
    model: str | None = None
    precision: str | None = None
    device: str | None = None
    batch: int | None = None
    soundfont: str | None = None

    def __post_init__(self) -> None:
        for name in ("takes", "sample_rate", "batch"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} = {value} must be positive")

    @classmethod
    def from_settings(cls, settings: Settings) -> PlanOptions:
        """Return what the user's settings wish.

        Raises:
            SettingsError: for a frame rate that nobody uses.
        """
        try:
            frame_rate = None if settings.fps is None else FrameRate.named(settings.fps)
        except ValueError as error:
            raise SettingsError(f"fps: {error}") from None
        font = settings.soundfont
        return cls(
            preset=settings.preset,
            backend=settings.backend,
            takes=settings.takes,
            seed=settings.seed,
            sample_rate=settings.rate,
            bit_depth=settings.bit_depth,
            file_format=settings.format,
            frame_rate=frame_rate,
            start_timecode=settings.timecode_start,
            model=settings.model,
            precision=settings.precision,
            device=settings.device,
            batch=settings.batch,
            # The paths of sheets count from them; that of a setting does not.
            soundfont=None if font is None else str(in_home(font).absolute()),
        )


SAYS_NOTHING = PlanOptions()
"""No wishes at all."""


@dataclass(frozen=True, slots=True)
class Output:
    """What every file of a plan has in common. ``start_timecode`` is that of the sheet's start.

    ``picture_rate`` is the ``frame_rate`` if anybody told it, and ``None`` if timecode is only
    shown at a rate that was assumed: a file must not claim that one.
    """

    sample_rate: int
    bit_depth: BitDepth
    file_format: str
    frame_rate: FrameRate
    picture_rate: FrameRate | None
    start_timecode: Timecode


def settle(
    *,
    cue: ValueT | None = None,
    flags: ValueT | None = None,
    preset: ValueT | None = None,
    sheet: ValueT | None = None,
    settings: ValueT | None = None,
    built_in: ValueT,
) -> ValueT:
    """Return the strongest wish: the parameters stand in the order of their strength."""
    for wish in (cue, flags, preset, sheet, settings):
        if wish is not None:
            return wish
    return built_in


def resolve_output(sheet: CueSheet, flags: PlanOptions, settings: PlanOptions) -> Output:
    """Return rate, format and timecode of all files of a sheet.

    Raises:
        PlanError: when the start's timecode does not exist at the frame rate, or the format can't
            hold the bit depth or the rate.
    """
    start = sheet.start_timecode
    picture_rate = settle(
        flags=flags.frame_rate,
        sheet=sheet.frame_rate or (start.rate if start is not None else None),
        settings=settings.frame_rate,
        built_in=None,
    )
    frame_rate = picture_rate or ASSUMED_FRAME_RATE
    output = Output(
        sample_rate=settle(
            flags=flags.sample_rate,
            sheet=sheet.sample_rate,
            settings=settings.sample_rate,
            built_in=48_000,
        ),
        bit_depth=settle(
            flags=flags.bit_depth,
            sheet=sheet.bit_depth,
            settings=settings.bit_depth,
            built_in=PCM_24,
        ),
        file_format=settle(
            flags=flags.file_format,
            sheet=sheet.file_format,
            settings=settings.file_format,
            built_in="wav",
        ),
        frame_rate=frame_rate,
        picture_rate=picture_rate,
        start_timecode=_start_timecode(start, frame_rate, flags, settings),
    )
    _check_format(output)
    return output


def _check_format(output: Output) -> None:
    """Refuse before any work what the files could not be written as at its end."""
    format_, depth, rate = output.file_format, output.bit_depth, output.sample_rate
    depths = _DEPTHS.get(format_, BIT_DEPTHS)
    if depth not in depths:
        raise PlanError(f"{format_} can't hold {depth}: use --bit-depth {depths[-1]}, or write wav")
    rates = _rates(format_, rate)
    if rates:
        nearest = min(rates, key=lambda held: abs(held - rate))
        raise PlanError(f"{format_} can't hold {rate} Hz: use --rate {nearest}, or write wav")


def _rates(format_: str, rate: int) -> tuple[int, ...]:
    """Return the rates to choose from where a format does not hold this one."""
    if format_ == "mp3" and rate not in _MP3_RATES:
        return _MP3_RATES
    if format_ == "flac" and rate > _FLAC_ANY_RATE_TO and rate not in _FLAC_HIGH_RATES:
        return (48_000, *_FLAC_HIGH_RATES)
    return ()


def _start_timecode(
    start: Timecode | None, rate: FrameRate, flags: PlanOptions, settings: PlanOptions
) -> Timecode:
    """Return the timecode of second 0. What the sheet was read with is told by the sheet."""
    label = str(start) if start is not None else None
    label = label or flags.start_timecode or settings.start_timecode or "00:00:00:00"
    try:
        return Timecode.parse(label, rate)
    except ValueError as error:
        raise PlanError(f"the timecode of the sheet's start: {error}") from None
