"""The verbs that the command line calls, for scripts too: read, plan, render, verify, judge.

What touches sound is imported when there is sound: to open and to plan stays light.
"""

from musicgen_daw.project.project import Project
from musicgen_daw.project.rendered import RenderedStem

__all__ = ["Project", "RenderedStem"]
