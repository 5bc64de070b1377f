"""A cue's clip, mastered: stems and mix as they go into files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from musicgen_daw.analysis.seams import measure_seam
from musicgen_daw.audio import Audio, BitDepth, Levels, Pcm, measure
from musicgen_daw.audio.loudness import Loudness
from musicgen_daw.audio.quantise import mix_of, quantise, to_audio
from musicgen_daw.errors import AudioError
from musicgen_daw.mastering.levelling import Levelling, Stems, find_levelling, hold_gain, level_each
from musicgen_daw.mastering.shaping import Shape, shape_stem, with_equal_channels
from musicgen_daw.mastering.targets import Target
from musicgen_daw.presets.schema import Master, StemMix
from musicgen_daw.session import MIX
from musicgen_daw.timeline import Span

__all__ = ["MIX", "Heard", "MasteredCue", "hear_cue", "master_cue"]

_MOST_TRIMS = 3
_TRIM_DB = 0.01
_NO_STEM_MIX: Mapping[str, StemMix] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class MasteredCue:
    """Finished samples of a cue; ``mix`` is the exact sum of ``stems``.

    A clip that is one mix has no stems. ``levels`` are measured on the finished samples, by the
    stem's name and ``mix``. ``gain_db`` is the gain that all stems got, ``reduction_db`` the
    deepest that the limiter went, 0.0 where none was needed. ``loop`` is set for a loop. ``facts``
    tell in words what else was done or measured.
    """

    stems: Mapping[str, Pcm]
    mix: Pcm
    levels: Mapping[str, Levels]
    gain_db: float
    reduction_db: float
    loop: Span | None
    warnings: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """How loud a cue would be without any gain: its mix, and the highest true peak of anything."""

    loudness: Loudness
    peak: float


def hear_cue(
    stems: Mapping[str, Audio],
    master: Master,
    shape: Shape,
    stem_mix: Mapping[str, StemMix] = _NO_STEM_MIX,
) -> Heard:
    """Return how loud the stems of one clip are before they are levelled.

    Raises:
        AudioError, PresetError: as ``master_cue`` does.
    """
    parts, _ = _shaped(stems, master, stem_mix, shape)
    material = Stems(list(parts.values()), circular=master.end == "loop")
    return Heard(material.loudness(), material.peak(0.0))


def master_cue(
    stems: Mapping[str, Audio],
    master: Master,
    shape: Shape,
    *,
    bit_depth: BitDepth,
    stem_mix: Mapping[str, StemMix] = _NO_STEM_MIX,
    sheet_gain_db: float | None = None,
    dither_seed: int = 0,
) -> MasteredCue:
    """Master the stems of one clip together.

    All come out with the length and tail of ``shape``, a loop with its length alone. One gain
    brings their mix to ``master.lufs``, or each is brought there by its own; with
    ``sheet_gain_db`` all get that one. Neither the mix nor a stem passes ``master.ceiling_dbtp``.
    A stem called ``mix`` counts only where it stands alone: else the mix is the sum of the other
    stems that are not muted.

    Raises:
        AudioError: for no stems, NaN or infinite samples, or channels that can't be mixed.
        PresetError: for an effects chain that pedalboard does not take.
    """
    is_loop = master.end == "loop"
    parts, warnings = _shaped(stems, master, stem_mix, shape)
    del stems  # minutes of sound are large
    parts, levelling = _levelled(parts, master, sheet_gain_db)
    levelling, pcms, levels = _finished(
        parts, levelling, master.ceiling_dbtp, bit_depth, dither_seed
    )
    facts, seam_warnings = _seam(pcms[MIX]) if is_loop else ({}, ())
    return MasteredCue(
        stems={name: pcm for name, pcm in pcms.items() if name != MIX},
        mix=pcms[MIX],
        levels=levels,
        gain_db=levelling.gain_db,
        reduction_db=levelling.reduction_db,
        loop=Span(0, shape.length_samples) if is_loop else None,
        warnings=warnings + seam_warnings + levelling.warnings,
        facts=facts,
    )


def _levelled(
    parts: dict[str, Audio], master: Master, sheet_gain_db: float | None
) -> tuple[dict[str, Audio], Levelling]:
    """Return the parts, and what is still to be done to all of them alike."""
    circular = master.end == "loop"
    target = Target.of(master)
    if sheet_gain_db is not None:
        material = Stems(list(parts.values()), circular=circular)
        return parts, hold_gain(material, sheet_gain_db, master.ceiling_dbtp)
    if master.normalise == "stem" and len(parts) > 1:
        each, levelling = level_each(list(parts.values()), target, circular=circular)
        return dict(zip(parts, each, strict=True)), levelling
    return parts, find_levelling(Stems(list(parts.values()), circular=circular), target)


def _seam(mix: Pcm) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what a loop's seam measures, and a warning where it is heard."""
    seam = measure_seam(to_audio(mix))
    told = f"step {seam.step:.2f} and spectral flux {seam.flux:.2f} of the greatest inside the loop"
    warnings = (f"the loop's seam is heard: {told}",) if seam.is_heard else ()
    return {"loop seam": told}, warnings


def _shaped(
    stems: Mapping[str, Audio], master: Master, stem_mix: Mapping[str, StemMix], shape: Shape
) -> tuple[dict[str, Audio], tuple[str, ...]]:
    """Return the parts that make the mix, of one shape, with warnings."""
    if not stems:
        raise AudioError("there are no stems to master")
    names = [name for name in stems if name != MIX or len(stems) == 1]
    parts: dict[str, Audio] = {}
    warnings: tuple[str, ...] = ()
    for name in names:
        settings = stem_mix.get(name, StemMix())
        if settings.mute:
            continue
        parts[name], own_warnings = shape_stem(stems[name], name, master, settings, shape)
        warnings += own_warnings
    if not parts:
        tail_samples = 0 if master.end == "loop" else shape.tail_samples
        parts[MIX] = Audio.silence(shape.length_samples + tail_samples, shape.sample_rate)
    return with_equal_channels(parts), warnings


def _finished(
    parts: Mapping[str, Audio],
    levelling: Levelling,
    ceiling_dbtp: float,
    bit_depth: BitDepth,
    dither_seed: int,
) -> tuple[Levelling, dict[str, Pcm], dict[str, Levels]]:
    """Level and quantise the parts, and add their mix; all by name, with their levels.

    The little by which dither may pass the ceiling is taken back from all.
    """
    for trims_left in reversed(range(_MOST_TRIMS + 1)):
        pcms = {
            name: quantise(levelling.apply(part), bit_depth, dither_seed + number)
            for number, (name, part) in enumerate(parts.items())
        }
        pcms[MIX] = mix_of(list(pcms.values()))
        levels = _levels(pcms, levelling.loudness)
        over_db = max(each.true_peak_dbtp for each in levels.values()) - ceiling_dbtp
        if over_db <= 0 or not trims_left:
            break
        levelling = levelling.quieter(over_db + _TRIM_DB)
    return levelling, pcms, levels


def _levels(pcms: Mapping[str, Pcm], mix_loudness: Loudness) -> dict[str, Levels]:
    """Measure finished samples, the mix of a single part only once."""
    levels = {MIX: measure(to_audio(pcms[MIX]), mix_loudness)}
    for name, pcm in pcms.items():
        levels[name] = levels[MIX] if pcm is pcms[MIX] else measure(to_audio(pcm))
    return levels
