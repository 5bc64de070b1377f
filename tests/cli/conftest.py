from __future__ import annotations

import sys
from pathlib import Path

# The hostile server is used by the tests of more than one room.
sys.path.insert(0, str(Path(__file__).parents[1] / "backends/segmind"))
