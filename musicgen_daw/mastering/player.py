"""A board of effects that plays sound piece by piece, while its parameters move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pedalboard

from musicgen_daw.audio import Audio, Samples
from musicgen_daw.audio.levels import check_finite
from musicgen_daw.errors import PresetError
from musicgen_daw.mastering.automation import Curve
from musicgen_daw.mastering.effects import built_effect, is_movable
from musicgen_daw.mastering.plugins import attribute_of, built_plugin
from musicgen_daw.presets.chain import Automation, PluginStep, Step
from musicgen_daw.timeline import TempoMap

__all__ = ["Board", "moves", "plays_in_pieces"]

MOVING_SAMPLES = 64
"""How often a moving parameter is set: its steps lie 70 dB below the sound, or more."""

WHOLE_ONLY = frozenset(("PitchShift",))
"""Effects that give nothing but silence when they are played in pieces (pedalboard 0.9)."""

_LONGEST_SAMPLES = 8192


@dataclass(frozen=True, slots=True)
class _Move:
    """A parameter of a built effect that moves."""

    plugin: pedalboard.Plugin
    attribute: str
    curve: Curve

    def set_at(self, seconds: float) -> None:
        setattr(self.plugin, self.attribute, self.curve.at(seconds))


class Board:
    """New effects for the steps of a chain; none remembers a sound before.

    ``where`` names the preset in messages, ``heading`` the list that the steps stand in.

    Raises:
        PresetError: for a step that pedalboard does not take, with its place.
    """

    def __init__(
        self,
        chain: Sequence[Step],
        tempo_map: TempoMap | None = None,
        *,
        where: str | None = None,
        heading: str = "master.chain",
    ) -> None:
        self.plugins: list[pedalboard.Plugin] = []
        self._moves: list[_Move] = []
        self._only_stereo = any(isinstance(step, PluginStep) for step in chain)
        self._whole_only = _whole_only(chain)
        for number, step in enumerate(chain, 1):
            try:
                self._add(step, tempo_map)
            except ValueError as error:
                place = f"[[{heading}]] {number}"
                raise PresetError(str(error), path=where, place=place) from None

    def play_whole(self, samples: Samples, sample_rate: int) -> Samples:
        """Play a sound at once; what comes out is as long, and what is delayed is moved back."""
        if self._moves:
            raise ValueError("parameters that move need the sound in pieces")
        doubled, is_mono = self._for_plugins(samples)
        return _mono_again(pedalboard.process(doubled, sample_rate, self.plugins), is_mono)

    def begin(self, channels: int, sample_rate: int) -> None:
        """Make ready for sound in pieces of any length, from second 0.

        Raises:
            PresetError: for an effect that can't play in pieces.
        """
        if self._whole_only is not None:
            raise PresetError(f"{self._whole_only} can't play a sound too long for memory")
        self._sample_rate = sample_rate
        self._played = 0
        self._held = np.zeros((channels, 0), np.float32)
        self._running = pedalboard.Pedalboard(self.plugins)  # type: ignore[attr-defined]
        # Effects forget all when a piece is longer than any before, so the longest comes first.
        silence, _ = self._for_plugins(np.zeros((channels, _LONGEST_SAMPLES), np.float32))
        self._running.process(silence, sample_rate, buffer_size=_LONGEST_SAMPLES, reset=False)
        self._running.reset()

    def play(self, piece: Samples) -> Samples:
        """Play the next piece. Some comes out later: what effects delay, and a last crumb.

        Raises:
            AudioError: where the effects leave NaN or infinite samples.
        """
        held = np.concatenate((self._held, piece), axis=1)
        doubled, is_mono = self._for_plugins(held)
        outputs = [np.zeros((len(doubled), 0), np.float32)]
        first = 0
        # So it does not matter where pieces end; and of a crumb pedalboard guesses the channels.
        while (left := doubled.shape[1] - first) >= MOVING_SAMPLES:
            end = first + min(self._steady_samples(), left)
            middle_s = (self._played + (end - first) / 2) / self._sample_rate
            for move in self._moves:
                move.set_at(middle_s)
            outputs.append(self._process(doubled[:, first:end]))
            self._played += end - first
            first = end
        self._held = held[:, first:]
        output = _mono_again(np.concatenate(outputs, axis=1), is_mono)
        check_finite(Audio(output, self._sample_rate), "the output of the effects chain")
        return output

    def _process(self, samples: Samples) -> Samples:
        output = self._running.process(
            samples, self._sample_rate, buffer_size=_LONGEST_SAMPLES, reset=False
        )
        return np.asarray(output, np.float32)

    def _steady_samples(self) -> int:
        """Return how many samples may be played before a parameter is to be set again."""
        if not self._moves:
            return 1 << 62
        now_s = self._played / self._sample_rate
        if any(move.curve.is_moving(now_s) for move in self._moves):
            return MOVING_SAMPLES
        next_s = min(move.curve.next_place_s(now_s) for move in self._moves)
        if next_s == float("inf"):
            return 1 << 62
        return max(MOVING_SAMPLES, round((next_s - now_s) * self._sample_rate))

    def _for_plugins(self, samples: Samples) -> tuple[Samples, bool]:
        """Double mono for plug-ins, of which many are stereo only."""
        if not (self._only_stereo and len(samples) == 1):
            return samples, False
        return np.repeat(samples, 2, axis=0), True

    def _add(self, step: Step, tempo_map: TempoMap | None) -> None:
        curves = {
            name: Curve.of(value, name, tempo_map)
            for name, value in step.parameters.items()
            if isinstance(value, Automation)
        }
        plugin = self._built(step, curves)
        for name, curve in curves.items():
            if isinstance(step, PluginStep):
                attribute = attribute_of(plugin, name, step.path)  # type: ignore[arg-type]
            else:
                attribute = name
            self._moves.append(_Move(plugin, attribute, curve))
        self.plugins.append(plugin)

    def _built(self, step: Step, curves: dict[str, Curve]) -> pedalboard.Plugin:
        settings = {
            name: value.points[0][1] if isinstance(value, Automation) else value
            for name, value in step.parameters.items()
        }
        if isinstance(step, PluginStep):
            return built_plugin(step, settings)
        plugin = built_effect(step.effect, settings)
        for name, curve in curves.items():
            if step.effect in WHOLE_ONLY:
                raise ValueError(f"{step.effect} can't move")
            if not is_movable(step.effect, name):
                raise ValueError(f"{step.effect}: {name} is no number, so it can't move")
            for value in curve.values:  # each as if it stood still there
                built_effect(step.effect, {**settings, name: value})
        return plugin


def moves(chain: Sequence[Step]) -> bool:
    """Tell whether any parameter of a chain moves."""
    return any(
        isinstance(value, Automation) for step in chain for value in step.parameters.values()
    )


def plays_in_pieces(chain: Sequence[Step]) -> bool:
    """Tell whether every effect of a chain can play sound that comes in pieces."""
    return _whole_only(chain) is None


def _whole_only(chain: Sequence[Step]) -> str | None:
    names = (getattr(step, "effect", "") for step in chain)
    return next((name for name in names if name in WHOLE_ONLY), None)


def _mono_again(samples: Samples, is_mono: bool) -> Samples:
    output = np.asarray(samples, np.float32)
    return output.mean(axis=0, keepdims=True) if is_mono else output
