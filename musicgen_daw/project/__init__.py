"""The verbs that the command line calls, for scripts too: read, plan, render, verify, judge."""

from musicgen_daw.project.clip import make_clip
from musicgen_daw.project.listening import ListedTake
from musicgen_daw.project.project import Project
from musicgen_daw.project.rendering import RenderedStem
from musicgen_daw.project.verification import Fault, verify

__all__ = ["Fault", "ListedTake", "Project", "RenderedStem", "make_clip", "verify"]
