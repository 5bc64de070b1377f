"""Cue × preset → requests with stable keys. Pure and instant."""

from musicgen_daw.planning.request import Capabilities, ClipRequest

__all__ = ["Capabilities", "ClipRequest"]
