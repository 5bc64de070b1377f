from __future__ import annotations

import pickle
from decimal import Decimal

import pytest

from musicgen_daw.backends.segmind.failures import (
    ApiAmbiguous,
    ApiCredentials,
    ApiError,
    ApiQuota,
    ApiRejected,
    ApiTransient,
    OutOfCredits,
    Vanished,
    of_get,
    of_post,
)
from musicgen_daw.backends.segmind.telling import Told
from musicgen_daw.errors import Ambiguous, Credentials, Quota, Rejected, Transient

REFUSED = {
    **dict.fromkeys((400, 404, 405, 409, 410, 413, 415, 422, 431, 451), ApiRejected),
    **dict.fromkeys((301, 302, 307, 308), ApiRejected),
    401: ApiCredentials,
    402: OutOfCredits,
    429: ApiQuota,
}
PERHAPS_BILLED = (100, 101, 300, 303, 304, 408, 499, 500, 501, 502, 503, 504, 520, 599, 700, 999)


def post(status: int, body: str = "", cost_usd: str | None = None) -> ApiError:
    cost = None if cost_usd is None else Decimal(cost_usd)
    return of_post("POST /v1/x", Told(status, body, cost_usd=cost), None)


@pytest.mark.parametrize(("status", "kind"), REFUSED.items())
def test_a_documented_refusal_of_a_post_is_one(status: int, kind: type[ApiError]) -> None:
    assert type(post(status, "no")) is kind


@pytest.mark.parametrize("status", PERHAPS_BILLED)
def test_after_any_other_answer_a_post_may_have_been_billed(status: int) -> None:
    assert type(post(status, "no")) is ApiAmbiguous


@pytest.mark.parametrize("status", [*REFUSED, 403, 406])
def test_a_refusal_that_tells_a_cost_is_none(status: int) -> None:
    assert type(post(status, "no", "0.04")) is ApiAmbiguous
    assert type(post(status, "no", "0")) is not ApiAmbiguous


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Insufficient credits", OutOfCredits),
        ("You don't have enough credits, it's over", OutOfCredits),
        ("Your balance is too low", OutOfCredits),
        ("team limit reached", OutOfCredits),
        ("", OutOfCredits),
        ("Unsupported content type", ApiRejected),
        ("duration must be at most 30", ApiRejected),
        ("the prompt is longer than the limit", ApiRejected),
        ("prompt 'music for end credits' is not allowed", ApiRejected),
        ('prompt "no balance" is not allowed', ApiRejected),
    ],
)
def test_a_406_is_about_money_or_about_the_request(message: str, kind: type[ApiError]) -> None:
    assert type(post(406, message)) is kind


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Invalid API key", ApiCredentials),
        ("not authorized", ApiCredentials),
        ("Forbidden", ApiRejected),
        ("blocked by a firewall", ApiRejected),
    ],
)
def test_a_403_is_about_the_key_or_not(message: str, kind: type[ApiError]) -> None:
    assert type(post(403, message)) is kind


@pytest.mark.parametrize("status", [404, 410])
def test_what_was_sent_and_is_not_known_any_more_has_vanished(status: int) -> None:
    assert type(of_get("GET /x", Told(status), None, of_id=True)) is Vanished
    assert type(of_get("GET /x", Told(status), None, of_id=False)) is ApiRejected


@pytest.mark.parametrize("status", [400, 402, 403, 405, 406, 422])
def test_that_a_question_is_refused_says_nothing_of_what_was_paid(status: int) -> None:
    assert type(of_get("GET /x", Told(status), None, of_id=True)) is ApiAmbiguous


@pytest.mark.parametrize("status", [302, 303, 408, 500, 502, 503, 504])
@pytest.mark.parametrize("of_id", [True, False])
def test_a_get_that_failed_is_made_again(status: int, *, of_id: bool) -> None:
    assert type(of_get("GET /x", Told(status), None, of_id=of_id)) is ApiTransient


def test_an_error_tells_the_call_the_answer_and_the_id_in_one_line() -> None:
    told = Told(502, "upstream gone", "job-7", Decimal("0.04"), None, b"<html>")
    error = of_post("POST /v1/x", told, None)
    assert str(error) == (
        'POST /v1/x was answered 502 Bad Gateway ("upstream gone"): '
        "it may have been billed [request job-7]"
    )
    assert (error.status, error.body, error.request_id) == (502, "upstream gone", "job-7")
    assert (error.cost_usd, error.evidence) == (Decimal("0.04"), b"<html>")


def test_a_quota_tells_when() -> None:
    error = of_post("POST /v1/x", Told(429), 12.5)
    assert isinstance(error, ApiQuota)
    assert error.retry_at_s == 12.5


def test_each_kind_stands_in_the_tree_where_others_look_for_it() -> None:
    pairs = {
        ApiRejected: Rejected,
        ApiCredentials: Credentials,
        ApiQuota: Quota,
        OutOfCredits: Quota,
        ApiTransient: Transient,
        ApiAmbiguous: Ambiguous,
        Vanished: Ambiguous,
    }
    for kind, parent in pairs.items():
        assert issubclass(kind, parent)
        assert kind("x").exit_code == parent.exit_code
        copy = pickle.loads(pickle.dumps(kind("x", Told(400, "no"))))  # noqa: S301  # our own
        assert (str(copy), copy.status) == ("x", 400)
