"""A plan is made into stored clips: what is missing is generated, once."""

from musicgen_daw.execution.runner import FailedTake, MadeTake, TakeOutcome, generate

__all__ = ["FailedTake", "MadeTake", "TakeOutcome", "generate"]
