"""What an answer that is no success means: for the money first, then for what is to be done.

The documented codes, and whether a call may have been billed with them:

    400 404 405 406 410 413 422   rejected as it is; the service bills only what it answers by 200
    401, 403 where it names a key the key is refused
    402, 406 where it names money the account holds too little
    429                           later; the service may tell when
    301 302 307 308               nothing was taken at this address; a redirect is not followed
    303, 408, 5xx, anything else  perhaps: a gateway may have lost the answer to a billed call

A refusal that tells a cost is no refusal, whatever its code. A GET is never billed: what is
perhaps for a POST is for a GET "once more".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus

from musicgen_daw.backends.segmind.config import CHECK_URL
from musicgen_daw.backends.segmind.credentials import KEY_VARIABLE
from musicgen_daw.backends.segmind.telling import NOTHING_TOLD, Told
from musicgen_daw.errors import (
    Ambiguous,
    BackendError,
    Credentials,
    Quota,
    Rejected,
    Transient,
)

__all__ = [
    "ApiAmbiguous",
    "ApiCredentials",
    "ApiError",
    "ApiQuota",
    "ApiRejected",
    "ApiTransient",
    "JobFailed",
    "OutOfCredits",
    "StillRunning",
    "Vanished",
    "of_get",
    "of_post",
]


class ApiError(BackendError):
    """The service refused or failed; ``told`` is what it told, fit to be shown."""

    def __init__(self, reason: str, told: Told = NOTHING_TOLD) -> None:
        super().__init__(reason)
        self.told = told

    @property
    def status(self) -> int | None:
        """The HTTP status, ``None`` where no answer came."""
        return self.told.status

    @property
    def body(self) -> str:
        """The message in the answer: one printable line."""
        return self.told.body

    @property
    def request_id(self) -> str | None:
        """The service's id of the call."""
        return self.told.request_id

    @property
    def cost_usd(self) -> Decimal | None:
        """What the service told that the call cost."""
        return self.told.cost_usd

    @property
    def evidence(self) -> bytes:
        """The body that came instead of what was asked, as far as it came."""
        return self.told.evidence


class ApiRejected(ApiError, Rejected):
    """The service won't take this request as it is; nothing was paid."""


class ApiCredentials(ApiError, Credentials):
    """The service refuses the key; nothing was paid."""


class ApiQuota(ApiError, Quota):
    """Too many calls; nothing was paid. ``retry_at_s`` tells when, where the service did."""

    def __init__(
        self, reason: str, told: Told = NOTHING_TOLD, *, retry_at_s: float | None = None
    ) -> None:
        super().__init__(reason, told)
        self.retry_at_s = retry_at_s


class OutOfCredits(ApiError, Quota):
    """The account holds too little for the call; nothing was paid."""


class ApiTransient(ApiError, Transient):
    """Nothing was taken, or only a GET failed: safe to send again."""


class StillRunning(ApiError, Transient):
    """The job is not done yet."""


class ApiAmbiguous(ApiError, Ambiguous):
    """The call may have been billed: it is never sent again by itself."""


class Vanished(ApiError, Ambiguous):
    """The service does not know, or no longer keeps, what it once took."""


class JobFailed(ApiError, Rejected):
    """The service took the job and could not do it; nothing was paid."""


_REJECTED = {
    400: "can't be read",
    404: f"there is no such model or address: {CHECK_URL}, and the model",
    405: "this address takes no such call",
    410: "this address is gone",
    413: "is too large",
    415: "is of a type that is not taken",
    422: "was checked and not taken",
}
_MOVED = (301, 302, 307, 308)
_NOT_CERTAIN = (408, 499)  # 4xx by name, but told by gateways of calls that went through them

_QUOTED = re.compile(r"\"[^\"]*\"|`[^`]*`|(?<!\w)'[^']*'")
_MONEY = re.compile(
    r"(?i)\b(credits?|balance|funds?|payment|billing)\b|\b(team|spend\w*|usage|budget)\W+limit"
)
_KEY = re.compile(
    r"(?i)api.?key|\bkey\b|unauthori[sz]ed|not authori[sz]ed|credential|authenticat|token"
)


def of_post(call: str, told: Told, retry_at_s: float | None) -> ApiError:
    """Return what an answer to a POST means that is no success; ``call`` names the call."""
    status = told.status or 0
    if not _is_refusal(status) or (told.cost_usd or 0) > 0:
        return ApiAmbiguous(_sentence(call, told, "it may have been billed"), told)
    if status in _MOVED:
        reason = _sentence(call, told, "a redirect is not followed: check the base URL")
        return ApiRejected(reason, told)
    return _refusal(call, told, retry_at_s, ApiRejected)


def of_get(call: str, told: Told, retry_at_s: float | None, *, of_id: bool) -> ApiError:
    """Return what an answer to a GET means that is no success.

    ``of_id`` where it asks for what was sent earlier: that such a question is refused says
    nothing about what was paid.
    """
    status = told.status or 0
    if of_id and status in (404, 410):
        return Vanished(_sentence(call, told, "it is not known, or no longer kept"), told)
    if not _is_refusal(status) or status in _MOVED:
        return ApiTransient(_sentence(call, told, ""), told)
    return _refusal(call, told, retry_at_s, ApiAmbiguous if of_id else ApiRejected)


def _is_refusal(status: int) -> bool:
    return status in _MOVED or (400 <= status < 500 and status not in _NOT_CERTAIN)


def _refusal(
    call: str, told: Told, retry_at_s: float | None, rejected: Callable[[str, Told], ApiError]
) -> ApiError:
    """Return what a clean refusal means."""
    words = _QUOTED.sub(" ", told.body)  # what is quoted may be the user's own prompt
    if told.status == 429:
        return ApiQuota(_sentence(call, told, "too many calls"), told, retry_at_s=retry_at_s)
    if told.status == 401 or (told.status == 403 and _KEY.search(words)):
        advice = (
            f"the key is refused: check {KEY_VARIABLE}, which goes before the one that "
            "'musicgen-daw auth login' keeps"
        )
        return ApiCredentials(_sentence(call, told, advice), told)
    about_money = told.status == 402 or (
        told.status == 406 and (not told.body or _MONEY.search(words))
    )
    if about_money and rejected is ApiRejected:
        return OutOfCredits(_sentence(call, told, "the account holds too little"), told)
    return rejected(_sentence(call, told, _REJECTED.get(told.status or 0, "not taken")), told)


def _sentence(call: str, told: Told, meaning: str) -> str:
    """Return one line: which call, what was answered, what that means, in whose words."""
    phrase = _phrase(told.status or 0)
    told_in_words = f' ("{told.body}")' if told.body and told.body != phrase else ""
    named = f" [request {told.request_id}]" if told.request_id else ""
    meant = f": {meaning}" if meaning else ""
    return f"{call} was answered {told.status} {phrase}".rstrip() + f"{told_in_words}{meant}{named}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
