"""Make a plan: pure and instant, it reads no file and generates nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from musicgen_daw.errors import AudioError, PlanError, PresetError, UsageError, did_you_mean
from musicgen_daw.planning.adjoining import adjoining_warnings, left_by, taken_over
from musicgen_daw.planning.blame import blamed
from musicgen_daw.planning.checks import (
    check_length,
    check_style,
    direction_warnings,
    expectation,
)
from musicgen_daw.planning.clips import plan_takes
from musicgen_daw.planning.direction import Wishes, backend_name, choice_of, direct, preset_name
from musicgen_daw.planning.following import Following
from musicgen_daw.planning.naming import cues_called
from musicgen_daw.planning.neighbours import neighbours
from musicgen_daw.planning.options import SAYS_NOTHING, PlanOptions, resolve_output
from musicgen_daw.planning.plan import Plan, PlannedCue
from musicgen_daw.planning.request import Capabilities, Choice, Generator
from musicgen_daw.planning.takes import Verdicts
from musicgen_daw.planning.transitions import continued, transition_warnings
from musicgen_daw.presets import Preset
from musicgen_daw.timeline import Cue, CueSheet, SheetWarning, Timecode

__all__ = ["PresetSource", "make_plan"]


class PresetSource(Protocol):
    """Where presets come from; ``PresetLibrary`` is one."""

    def get(self, name: str) -> Preset:
        """Return the preset of a name, or raise PresetError."""


class _Guides:
    """The sound files that cues are guided by, each read once; ``paths`` are by digest."""

    def __init__(self, digests: Callable[[str], str]) -> None:
        self.paths: dict[str, str] = {}
        self._digests = functools.cache(digests)

    def digest_of(self, path: str) -> str:
        """Return the digest of a file's content, and remember whose it is."""
        digest = self._digests(path)
        self.paths.setdefault(digest, path)
        return digest


def _no_digests(path: str) -> str:
    raise PlanError(f"{path} can't be used: nothing was given that reads sound files")


def make_plan(
    sheet: CueSheet,
    *,
    presets: PresetSource,
    generators: Callable[[str, Choice], Generator],
    flags: PlanOptions = SAYS_NOTHING,
    settings: PlanOptions = SAYS_NOTHING,
    verdicts: Verdicts = MappingProxyType({}),
    digests: Callable[[str], str] = _no_digests,
    only: Sequence[str] = (),
) -> Plan:
    """Return the plan of a sheet.

    Args:
        sheet: The cues.
        presets: Where the presets that cues name come from.
        generators: Gives the generator of a name, with the model that a cue wants of it.
        flags: What the environment and flags say: beats presets, not a cue's own text.
        settings: What the user's settings say: the weakest wish.
        verdicts: Takes that a listener kept, locked or rejected, by the id of their cue.
        digests: Gives the sha256 hex digest of a sound file's content, by its path.
        only: Ids or names of the cues to be worked on. Empty for all.

    Raises:
        PlanError: when cue, preset and flags together ask for something impossible.
        PresetError: when a preset is missing or wrong.
        SettingsError: when ``SHEET.toml`` or the user's settings ask for what isn't there.
        UsageError: when ``only`` names no cue, or a flag no generator.
    """
    wishes = Wishes(sheet, flags, settings)
    output = resolve_output(sheet, flags, settings)
    start_s = output.start_timecode.seconds
    # A sheet of thousands of cues names a few presets, generators and files.
    preset_of, generator_of = functools.cache(presets.get), functools.cache(generators)
    guides, sheet_seed = _Guides(digests), wishes.seed

    def made_by(cue: Cue) -> tuple[Preset, Choice, Generator]:
        preset = _preset(cue, preset_of, wishes)
        choice = choice_of(cue, preset, wishes)
        return preset, choice, _generator(cue, preset, choice, generator_of, wishes)

    def capabilities_of(cue: Cue) -> Capabilities:
        return made_by(cue)[2].capabilities

    warnings: dict[SheetWarning, None] = {}
    planned: dict[str, PlannedCue] = {}
    for before, cue, after in neighbours(sheet):
        preset, choice, generator = made_by(cue)
        check_length(cue, output.sample_rate)
        direction = direct(cue, preset, generator, wishes)
        check_style(direction, wishes)
        planned_before = None if before is None else planned[before.id]
        follows = continued(direction, planned_before, sheet)
        warnings.update(dict.fromkeys(transition_warnings(direction, planned_before, sheet)))
        warnings.update(dict.fromkeys(adjoining_warnings(direction, planned_before, sheet)))
        warnings.update(dict.fromkeys(direction_warnings(direction, wishes)))
        direction = left_by(direction, after, sheet, capabilities_of)
        direction = taken_over(direction, planned_before, sheet)
        if follows is not None:  # which is then what it goes on from
            direction = replace(direction, audio_prompt=None, guide=None)
        takes = plan_takes(
            direction,
            sheet_seed,
            verdicts.get(cue.id, ()),
            guides.digest_of,
            lambda warning: warnings.setdefault(warning),
            Following(direction, planned_before, follows).follow,
        )
        planned[cue.id] = PlannedCue(
            cue=cue,
            preset=preset,
            prompt=direction.words.prompt,
            negative=direction.words.negative,
            master=direction.master,
            backend=generator.name,
            capabilities=generator.capabilities,
            tail_s=direction.tail_s,
            tempo_map=direction.tempo_map,
            timecode=None
            if sheet.is_list
            else Timecode.at(start_s + cue.start_s, output.frame_rate),
            takes=takes,
            choice=choice,
            expected=expectation(direction),
            continues=None if follows is None else follows.cue.id,
        )
    cues = tuple(planned.values())
    for warning in _verdicts_on_nothing(sheet, verdicts):
        warnings.setdefault(warning)
    return Plan(sheet, cues, _chosen(cues, only), output, tuple(warnings), guides.paths)


def _chosen(planned: Sequence[PlannedCue], only: Sequence[str]) -> tuple[PlannedCue, ...]:
    """Return the cues whose id or name is asked for, in the sheet's order."""
    if not only:
        return tuple(planned)
    pairs = [(cue.cue.id, cue.cue.name) for cue in planned]
    wanted = {cue_id for text in only for cue_id in cues_called(text, pairs)}
    return tuple(cue for cue in planned if cue.cue.id in wanted)


def _generator(
    cue: Cue,
    preset: Preset,
    choice: Choice,
    generator_of: Callable[[str, Choice], Generator],
    wishes: Wishes,
) -> Generator:
    try:
        return generator_of(backend_name(cue, preset, wishes), choice)
    except UsageError as error:
        raise blamed("backend", error.reason, cue, preset, wishes) from None
    except AudioError as error:
        if choice.soundfont not in (cue.settings.soundfont, wishes.sheet.defaults.soundfont):
            raise
        raise blamed("soundfont", f"soundfont {error}", cue, preset, wishes) from None


def _verdicts_on_nothing(sheet: CueSheet, verdicts: Verdicts) -> Iterator[SheetWarning]:
    """Yield a warning for each cue that a listener judged and the sheet lacks."""
    known = {cue.id for cue in sheet.cues}
    for cue in verdicts:
        if cue not in known:
            nearest = did_you_mean(cue, known)
            message = f"the sheet has no such cue{nearest}: its verdicts are passed over"
            yield SheetWarning(f"verdicts [[cue.{cue}]]", message)


def _preset(cue: Cue, preset_of: Callable[[str], Preset], wishes: Wishes) -> Preset:
    try:
        return preset_of(preset_name(cue, wishes))
    except PresetError as error:
        if error.path is not None or cue.settings.preset is None:
            raise
        # The name is wrong in the sheet, so that is where the message points.
        raise PresetError(error.reason, place=cue.place or f"cue {cue.name!r}") from None
