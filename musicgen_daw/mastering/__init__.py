"""From generated clips to finished samples."""

from musicgen_daw.mastering.chain import check_chain, run_chain
from musicgen_daw.mastering.master import MIX, MasteredCue, master_cue

__all__ = ["MIX", "MasteredCue", "check_chain", "master_cue", "run_chain"]
