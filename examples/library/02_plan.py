"""Look at a plan before anything is made: what is new, what is stored, what the words mean.

python examples/library/02_plan.py
"""

from pathlib import Path

from musicgen_daw import Project

project = Project.open(Path(__file__).parent.parent / "game" / "game.csv")
plan = project.plan(takes=2)
understood = project.explain(plan)
for row in project.rows(plan):
    print(f"{row.name}: {row.seconds:.2f} s, {row.new} clips to make, {row.stored} in store")
    print(f"    {dict(understood[row.id])}")
