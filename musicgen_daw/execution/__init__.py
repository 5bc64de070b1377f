"""A plan is made into stored clips: what is missing is generated, once."""

from musicgen_daw.execution.budget import Budget
from musicgen_daw.execution.quotes import quoting
from musicgen_daw.execution.runner import FailedTake, MadeTake, TakeOutcome, generate

__all__ = ["Budget", "FailedTake", "MadeTake", "TakeOutcome", "generate", "quoting"]
