"""``python -m musicgen_daw`` is the command line."""

from musicgen_daw.cli import main

main()
