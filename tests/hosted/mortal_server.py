"""Serve tones in a process of its own that dies of a "poison": FOLDER PORT.

Prints a key where there is none yet, and the URL. What is begun is in ``begun.log``, a line each.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "server"))

from tones import ToneBackend

from musicgen_daw.backends.base import Checkpoint, Outcome
from musicgen_daw.planning import ClipRequest
from musicgen_daw.server.app import make_app
from musicgen_daw.server.options import Options
from musicgen_daw.server.run import listen, serve_until_stopped, url_of


class MortalBackend(ToneBackend):
    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def run(self, requests: Sequence[ClipRequest], checkpoint: Checkpoint) -> Iterator[Outcome]:
        for request in requests:
            with self._log.open("a") as log:
                log.write(f"{request.prompt}\n")
            if "poison" in request.prompt:
                os._exit(1)
        yield from super().run(requests, checkpoint)


def main(folder: Path, port: int) -> None:
    app = make_app(lambda: MortalBackend(folder / "begun.log"), folder, Options(workers=4))
    accounts = app.state.service.accounts
    key = "known" if accounts.listed() else accounts.add("tester", Decimal(100))
    bound = listen("127.0.0.1", port)

    def tell() -> None:
        sys.stdout.write(f"{key} {url_of(bound)}\n")
        sys.stdout.flush()

    serve_until_stopped(app, bound, tell)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
