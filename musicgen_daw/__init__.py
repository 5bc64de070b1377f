"""Cue sheets and prompt presets in, mastered and placed stems out."""
