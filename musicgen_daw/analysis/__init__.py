"""What a sound is: where it begins, its onsets, tempo and downbeat, how a loop meets its head.

Pure functions on ``Audio``, with numpy only. What is found comes with a confidence from 0 to 1.
"""
