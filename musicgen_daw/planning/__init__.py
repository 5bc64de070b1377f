"""Cue × preset → requests with stable keys. Pure and instant."""

from musicgen_daw.planning.make import PresetSource, make_plan
from musicgen_daw.planning.options import Output, PlanOptions
from musicgen_daw.planning.plan import Expectation, Plan, PlannedClip, PlannedCue, PlannedTake
from musicgen_daw.planning.request import Capabilities, Choice, ClipRequest, Generator
from musicgen_daw.planning.rows import PlanRow, plan_rows
from musicgen_daw.planning.takes import KeptClip, TakeVerdict, Verdict, Verdicts

__all__ = [
    "Capabilities",
    "Choice",
    "ClipRequest",
    "Expectation",
    "Generator",
    "KeptClip",
    "Output",
    "Plan",
    "PlanOptions",
    "PlanRow",
    "PlannedClip",
    "PlannedCue",
    "PlannedTake",
    "PresetSource",
    "TakeVerdict",
    "Verdict",
    "Verdicts",
    "make_plan",
    "plan_rows",
]
