"""A preset's effects chain: pedalboard's own effects, by their own names and units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pedalboard

from musicgen_daw.audio import Audio, Samples
from musicgen_daw.audio.levels import check_finite, db_to_gain
from musicgen_daw.errors import PresetError, did_you_mean

if TYPE_CHECKING:
    from musicgen_daw.presets.schema import Effect

__all__ = ["check_chain", "play_through", "run_chain"]

TAIL_DBFS = -60.0
"""An effect's ring is kept until it has fallen below this."""

LONGEST_TAIL_S = 20
"""An effect that never falls silent is cut here."""

_FIRST_TAIL_S = 1.25
_SETTLED_S = 0.25
_PROBE_RATE = 48_000

_Setting = float | int | bool | str


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One parameter of an effect; ``choices`` names what it can be where it is no number."""

    default: object
    choices: Mapping[str, object]

    def accepts(self, setting: _Setting) -> bool:
        if self.choices:
            return isinstance(setting, str) and setting in self.choices
        if isinstance(self.default, bool):
            return isinstance(setting, bool)
        return isinstance(setting, int | float) and not isinstance(setting, bool)

    def value(self, setting: _Setting) -> object:
        return self.choices[str(setting)] if self.choices else setting

    @property
    def wanted(self) -> str:
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        return "true or false" if isinstance(self.default, bool) else "a number"


def check_chain(chain: Sequence[Effect], where: str) -> None:
    """Refuse a chain that could not run; ``where`` names the preset in the message.

    Raises:
        PresetError: for an effect or parameter that pedalboard does not have (with the nearest
            that it has), or a value of the wrong type or out of range.
    """
    for number, (effect, plugin) in enumerate(zip(chain, _board(chain, where), strict=True), 1):
        if not _stays_finite(plugin):
            reason = f"{effect.effect} makes no finite sound with {dict(effect.parameters)}"
            raise PresetError(reason, path=where, place=_place(number))


def run_chain(audio: Audio, chain: Sequence[Effect]) -> Audio:
    """Return the sound through the effects, in place and followed by what they ring on.

    Effects that delay are moved back; a ring that falls below -60 dBFS is cut there. The board is
    built anew, so that no effect remembers the sound before.

    Raises:
        PresetError: for an effect, parameter or value that pedalboard does not take.
        AudioError: where the effects leave NaN or infinite samples.
    """
    if not chain or not audio.length_samples:
        return audio
    tail_s = _FIRST_TAIL_S
    while True:
        rung = _process(audio, chain, round(tail_s * audio.sample_rate))
        settled = rung.samples[:, -round(_SETTLED_S * audio.sample_rate) :]
        if tail_s >= LONGEST_TAIL_S or np.abs(settled).max() < db_to_gain(TAIL_DBFS):
            return _without_silent_tail(rung, audio.length_samples)
        tail_s = min(4 * tail_s, LONGEST_TAIL_S)


def play_through(
    pieces: Iterable[Samples], sample_rate: int, chain: Sequence[Effect], length_samples: int
) -> Iterator[Samples]:
    """Yield sound that comes in pieces through the effects, as ``run_chain`` does in one.

    ``length_samples`` is the length of what comes. What goes out is cut where its ring has fallen
    below -60 dBFS, to the second.

    Raises:
        PresetError: for an effect, parameter or value that pedalboard does not take.
        AudioError: where the effects leave NaN or infinite samples.
    """
    board = pedalboard.Pedalboard(_board(chain))  # type: ignore[attr-defined]  # not in its stubs
    played = channels = 0

    def through(samples: Samples) -> Samples:
        output = board.process(samples, sample_rate, reset=False)
        check_finite(Audio(output, sample_rate), "the output of the effects chain")
        return np.asarray(output, np.float32)

    for piece in pieces:
        channels = len(piece)
        output = through(piece)
        played += output.shape[1]
        yield output
    # Effects that delay hold the end back; then the ring, a second at a time.
    for _ in range(LONGEST_TAIL_S):
        ring = through(np.zeros((channels, sample_rate), np.float32))
        missing = max(0, length_samples - played)
        played += ring.shape[1]
        if np.abs(ring[:, missing:]).max(initial=0.0) < db_to_gain(TAIL_DBFS):
            yield ring[:, :missing]
            return
        yield ring


def _process(audio: Audio, chain: Sequence[Effect], tail_samples: int) -> Audio:
    """Run the board over the sound and as much silence; its output is as long as its input."""
    padded = np.pad(audio.samples, ((0, 0), (0, tail_samples)))
    samples = pedalboard.process(padded, audio.sample_rate, _board(chain))
    output = Audio(np.asarray(samples, np.float32), audio.sample_rate)
    check_finite(output, "the output of the effects chain")
    return output


def _without_silent_tail(audio: Audio, least_samples: int) -> Audio:
    loud = np.flatnonzero(np.abs(audio.samples).max(axis=0) >= db_to_gain(TAIL_DBFS))
    end = int(loud[-1]) + 1 if loud.size else 0
    return Audio(audio.samples[:, : max(end, least_samples)], audio.sample_rate)


def _board(chain: Sequence[Effect], where: str | None = None) -> list[pedalboard.Plugin]:
    """Return new pedalboard objects for the steps of a chain."""
    board = []
    for number, effect in enumerate(chain, 1):
        try:
            board.append(_built(effect))
        except ValueError as error:
            raise PresetError(str(error), path=where, place=_place(number)) from None
    return board


def _place(number: int) -> str:
    return f"[[master.chain]] {number}"


def _built(effect: Effect) -> pedalboard.Plugin:
    """Return the pedalboard object of one step.

    Raises:
        ValueError: saying what is wrong with the step.
    """
    effects = _effects()
    if effect.effect not in effects:
        raise ValueError(f"unknown effect {effect.effect!r}{did_you_mean(effect.effect, effects)}")
    plugin, known = effects[effect.effect]
    arguments: dict[str, Any] = {}
    for name, setting in effect.parameters.items():
        if name not in known:
            nearest = did_you_mean(name, known) or f" (it has: {', '.join(known) or 'none'})"
            raise ValueError(f"{effect.effect} has no parameter {name!r}{nearest}")
        if not known[name].accepts(setting):
            raise ValueError(
                f"{effect.effect}: {name} must be {known[name].wanted}, not {setting!r}"
            )
        if name.endswith("_hz") and float(setting) <= 0:
            raise ValueError(f"{effect.effect}: {name} must be positive, not {setting!r}")
        arguments[name] = known[name].value(setting)
    try:
        return plugin(**arguments)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{effect.effect}: {error}") from error


@lru_cache(maxsize=1)
def _effects() -> dict[str, tuple[type[pedalboard.Plugin], dict[str, _Parameter]]]:
    """Return pedalboard's effects by name, with the parameters that each of them shows.

    Only effects that can be made without arguments: not those that load a plug-in or an impulse
    response from a file, nor boxes of other effects.
    """
    effects = {}
    for name, plugin in vars(pedalboard).items():
        if not isinstance(plugin, type) or not issubclass(plugin, pedalboard.Plugin):
            continue
        if issubclass(plugin, pedalboard.ExternalPlugin | pedalboard.PluginContainer):
            continue
        try:
            effects[name] = (plugin, _parameters(plugin()))
        except (TypeError, RuntimeError):
            continue
    return effects


def _parameters(plugin: pedalboard.Plugin) -> dict[str, _Parameter]:
    settable = {
        name: getattr(plugin, name)
        for name, attribute in vars(type(plugin)).items()
        if isinstance(attribute, property) and attribute.fset is not None
    }
    return {
        name: _Parameter(default, _choices(default)) for name, default in sorted(settable.items())
    }


def _choices(default: object) -> Mapping[str, object]:
    """Return the members of pedalboard's own kind of enumeration by name; others have none."""
    return dict(getattr(type(default), "__members__", {}))


def _stays_finite(plugin: pedalboard.Plugin) -> bool:
    """Tell whether a click comes out of an effect as finite sound (a filter may be unstable)."""
    click = np.zeros((2, _PROBE_RATE // 2), np.float32)
    click[:, 0] = 0.5
    output = pedalboard.process(click, _PROBE_RATE, [plugin])
    return bool(np.isfinite(output).all())
