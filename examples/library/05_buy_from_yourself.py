"""Serve the built-in generator, and render a sheet through the hosted client within a budget.

Nothing leaves this machine. Needs the extra ``[serve]``.

python examples/library/05_buy_from_yourself.py OUTPUT_FOLDER
"""

import os
import sys
from decimal import Decimal
from pathlib import Path

from musicgen_daw import Project
from musicgen_daw.backends.sketch import SketchBackend
from musicgen_daw.errors import BudgetExceeded
from musicgen_daw.server.app import make_app
from musicgen_daw.server.run import serving

output = Path(sys.argv[1])
sheet = Path(__file__).parent.parent / "chase" / "chase.mid"
app = make_app(SketchBackend, output.with_name("server"))
key = app.state.service.accounts.add("studio", Decimal(5))
with serving(app) as url:
    os.environ |= {"MUSICGEN_DAW_SEGMIND_BASE_URL": url, "SEGMIND_API_KEY": key}
    project = Project.open(sheet, output=output, store=output.with_name("store"))
    plan = project.plan(backend="segmind")
    for row in project.rows(plan):
        print(f"{row.name:20} {row.seconds:6.2f} s  about {row.usd} USD")
    try:
        for stem in project.render(plan, budget_usd=Decimal("0.30")):
            print(f"{stem.cue:20} {stem.loudness_lufs} LUFS  {stem.path.name}")
    except BudgetExceeded as stopped:
        print(f"stopped: {stopped}")
