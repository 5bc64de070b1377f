"""The decoder's step in C, for processors: one small file, compiled where it is first used.

    build     the compiler of the machine, and where its result is kept
    team      threads that work through a step together, and matrices as they read them
    step      a step of all cues, by such a team

torch reads weights at half the speed that memory has for the few rows of a step, and starts over
at each of a thousand operations. Where there is no compiler, or a processor of another kind, torch
does it all: slower, and in the exact mode with the same tokens.
"""
