"""Serve tones in a process of its own, until a signal: FOLDER STOP_WITHIN_S.

Prints a key and the URL. A clip that is to "wait" waits for a line on stdin. At the end it prints
whether all work came to its end.
"""

from __future__ import annotations

import sys
import threading
from decimal import Decimal
from pathlib import Path

from tones import Gate, ToneBackend

from musicgen_daw.server.app import make_app
from musicgen_daw.server.options import Options
from musicgen_daw.server.run import listen, serve_until_stopped, url_of


def main(folder: Path, stop_within_s: float) -> None:
    gate = Gate()

    def open_gate() -> None:
        if sys.stdin.readline():
            gate.open.set()

    threading.Thread(target=open_gate, daemon=True).start()
    options = Options(workers=1, stop_within_s=stop_within_s)
    app = make_app(lambda: ToneBackend(gate), folder, options)
    tell(app.state.service.accounts.add("tester", Decimal(5)))
    bound = listen("127.0.0.1", 0)
    ended = serve_until_stopped(app, bound, lambda: tell(url_of(bound)))
    tell("ended" if ended else "given up")


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
