"""The decoder on a graphics card: fixed shapes in fixed places, so that a step can be replayed.

    tokens ┐              ┌ one graph a length: no launch of a kernel waits for Python
    places ┼─ buffers ─▶ step ─▶ logits ─▶ tokens, drawn for all cues at once
    texts  ┘              └ keys and values of all cues in one block

The same code runs without graphs wherever torch does.
"""
