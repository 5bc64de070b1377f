"""Render a cue sheet from Python: the same verbs as the command line.

python examples/library/01_render.py OUTPUT_FOLDER
"""

import sys
from pathlib import Path

from musicgen_daw import Project

sheet = Path(__file__).parent.parent / "chase" / "chase.mid"
project = Project.open(sheet, output=sys.argv[1])
plan = project.plan(preset="tense-strings")
for stem in project.render(plan):
    print(f"{stem.cue:24} {stem.name:8} {stem.loudness_lufs} LUFS  {stem.path.name}")
