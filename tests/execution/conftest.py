from __future__ import annotations

import sys
from pathlib import Path

# The generator of these tests is also run by a script, in a process that is killed.
sys.path.insert(0, str(Path(__file__).parent))
