"""What every answer has: an id, and a line in the log. Never a key, a body or a query."""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Telling", "root_of"]

_HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")

_log = logging.getLogger("musicgen_daw.server")


class Telling:
    """Give every answer an ``x-request-id``, and log the call when it was answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.monotonic()

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("x-request-id", secrets.token_hex(16))
                _log.info(
                    "%s %a %d %.0f ms key=%a id=%s",
                    scope["method"],
                    scope["path"],
                    message["status"],
                    1000 * (time.monotonic() - began_s),
                    scope.get("account_name", "-"),
                    headers["x-request-id"],
                )
            await send(message)

        await self._app(scope, receive, send_told)


def root_of(scope: Scope) -> str:
    """Return the root URL that was called, without ``/`` at its end."""
    host = Headers(scope=scope).get("host", "")
    if _HOST.fullmatch(host) is None:
        name, port = scope.get("server") or ("localhost", None)
        name = f"[{name}]" if ":" in name else name
        host = name if port is None else f"{name}:{port}"
    return f"{scope['scheme']}://{host}"
