"""What the API refuses, with the status and body of each refusal."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import HTMLResponse, JSONResponse, Response

__all__ = ["METHOD_NOT_ALLOWED", "Refused", "refusal"]

METHOD_NOT_ALLOWED = 405

_METHOD_PAGE = (
    "<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n"
    "<h1>Method Not Allowed</h1>\n<p>The method is not allowed for the requested URL.</p>\n"
)


class Refused(Exception):
    """A call that is not served: an HTTP status, a message for people, and headers."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


def refusal(refused: Refused) -> Response:
    """Return the answer: JSON with an ``error``; only 405 is a page, as the service has it."""
    if refused.status == METHOD_NOT_ALLOWED:
        return HTMLResponse(_METHOD_PAGE, METHOD_NOT_ALLOWED, refused.headers)
    return JSONResponse({"error": refused.message}, refused.status, refused.headers)
