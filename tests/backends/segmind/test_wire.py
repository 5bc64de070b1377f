from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.backends.segmind.history import page_url, read_history, usual_history_url
from musicgen_daw.backends.segmind.telling import excerpt, told
from musicgen_daw.backends.segmind.wire import (
    Answer,
    Job,
    JobStatus,
    decimal_of,
    encode_request,
    id_of,
    read_balance,
    read_job,
    read_json,
    seed_of,
)
from musicgen_daw.errors import Rejected

KEY = ApiKey("SG_0123456789abcdef")


def test_a_request_says_all_three_parameters_and_has_the_documented_defaults() -> None:
    assert json.loads(encode_request("low „drone“")) == {
        "prompt": "low „drone“",
        "duration": 10.0,
        "seed": 42,
    }
    assert json.loads(encode_request("x", Fraction(25, 2), -1))["duration"] == 12.5


@pytest.mark.parametrize("seconds", [1, 30, 1.0, Fraction(30)])
@pytest.mark.parametrize("seed", [-1, 0, 9999])
def test_the_ends_of_both_ranges_are_taken(seconds: float, seed: int) -> None:
    assert json.loads(encode_request("x", seconds, seed))["seed"] == seed


@pytest.mark.parametrize(
    ("prompt", "seconds", "seed", "reason"),
    [
        ("", 10, 1, "prompt is empty"),
        (" \n\t", 10, 1, "prompt is empty"),
        (None, 10, 1, "prompt is empty"),
        ("x\ud800", 10, 1, "half a character"),
        ("x", 0.999, 1, "1 to 30 s"),
        ("x", 30.001, 1, "1 to 30 s"),
        ("x", math.nan, 1, "1 to 30 s, not nan"),
        ("x", math.inf, 1, "1 to 30 s, not inf"),
        ("x", 10**4000, 1, "1 to 30 s"),
        ("x", True, 1, "number of seconds"),
        ("x", "10", 1, "number of seconds"),
        ("x", 10, -2, "-1 to 9999"),
        ("x", 10, 10_000, "-1 to 9999"),
        ("x", 10, 1.0, "whole number"),
        ("x", 10, True, "whole number"),
    ],
)
def test_what_the_service_does_not_take_is_refused_here(
    prompt: str, seconds: float, seed: int, reason: str
) -> None:
    with pytest.raises(Rejected, match=reason):
        encode_request(prompt, seconds, seed)


@pytest.mark.parametrize(
    ("text", "usd"),
    [
        ("0.0371", "0.0371"),
        (" 12 ", "12"),
        ("$0.5", "0.5"),
        ("-0.25", "-0.25"),
        ("3.7e-2", "0.037"),
        ("0.037, 0.037", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        ("1_000", None),
        ("٣", None),
        ("9" * 500, None),
        ("", None),
        (0.5, None),
        (Decimal("0.018"), "0.018"),
    ],
)
def test_an_amount_is_a_plain_number_or_nothing(text: object, usd: str | None) -> None:
    assert decimal_of(text) == (None if usd is None else Decimal(usd))


@given(st.text())
def test_any_text_is_an_amount_or_none(text: str) -> None:
    amount = decimal_of(text)
    assert amount is None or (amount.is_finite() and abs(amount) < 10**112)


def test_a_seed_is_a_whole_number() -> None:
    assert [seed_of(told) for told in ("7", Decimal(7), "7.5", "x", None, "1e99")] == [
        7,
        7,
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "a/b",
        "../x",
        "a?b",
        "a#b",
        "a b",
        "a\n",
        "x" * 129,
        "é",
        None,
        3,
        ["a"],
    ],
)
def test_an_id_that_could_lead_an_address_elsewhere_is_none(text: object) -> None:
    assert id_of(text) is None


def test_ids_of_usual_kinds_are_ids() -> None:
    for text in ("job-1", "2f1e4c0a-9a51-4a7e-8f1e-2b6a1f5f8c11", "req_98.x", "x" * 128):
        assert id_of(text) == text
    assert id_of(Decimal(123)) == "123"


@pytest.mark.parametrize(
    ("body", "job"),
    [
        ({"request_id": "a", "status": "QUEUED"}, Job("a", JobStatus.QUEUED)),
        ({"id": "a", "status": "processing"}, Job("a", JobStatus.PROCESSING)),
        ({"status": "succeeded"}, Job(None, JobStatus.COMPLETED)),
        ({"status": "FAILED", "error": "no GPU"}, Job(None, JobStatus.FAILED, "no GPU")),
        ({"request_id": "../x", "status": 7, "error": {}}, Job(None, None)),
        ({}, Job(None, None)),
        ([], None),
        ("COMPLETED", None),
    ],
)
def test_a_job_is_read_with_all_that_may_be_missing(body: object, job: Job | None) -> None:
    assert read_job(json.dumps(body).encode()) == job


def test_the_balance_is_bought_and_given_credits_together() -> None:
    assert read_balance(b'{"credits": 0.0, "free-credits": 0.018}') == Decimal("0.018")
    assert read_balance(b'{"credits": "1.5"}') == Decimal("1.5")
    assert read_balance(b'{"credits": NaN, "free-credits": null}') is None
    assert read_balance(b"<html>") is None


def test_json_that_would_fill_the_memory_is_not_read() -> None:
    assert read_json(b"[" * 50_000 + b"]" * 50_000) is None  # too deep
    assert read_json(b"[" + b"[]," * 200_000 + b"0]") is None
    assert read_json(b"[1" + b"0" * 10_000 + b"]") is not None
    assert read_json(b"RIFF") is None


@given(st.binary())
def test_no_body_breaks_the_readers(body: bytes) -> None:
    read_job(body)
    read_balance(body)
    read_history(b"[" + body + b"]")
    assert excerpt(body, KEY).isprintable()


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'{"error": "not enough\\ncredits"}', "not enough credits"),
        (b'{"error": {"message": "bad"}}', "bad"),
        (b'{"detail": "x"}', "x"),
        (b'{"output": null}', ""),
        (
            b"<html><script>evil()</script><title>502</title><p>Bad &amp; worse</p>",
            "502 Bad & worse",
        ),
        (b"plain \x1b[31mred\x1b[0m \xe2\x80\xaetext", "plain [31mred [0m text"),
        (b"RIFF\x00\x00", ""),
        (b"bad SG_0123456789abcdef!", "bad [key]!"),
        (b"bad SG&#95;0123456789abcdef!", "bad [key]!"),
        (b'{"error": "\\u0053G_0123456789abcdef"}', "[key]"),
        (b"x" * 1000, "x" * 299 + "…"),
    ],
)
def test_what_is_shown_of_a_body_is_one_harmless_line(body: bytes, line: str) -> None:
    assert excerpt(body, KEY) == line


def test_what_an_answer_told_never_holds_the_key() -> None:
    secret = KEY.reveal()
    headers = {"x-request-id": secret, "x-cost": "-1", "x-remaining-credits": "0.2"}
    found = told(Answer(200, headers, f"<b>{secret}</b>".encode()), KEY)
    assert found.request_id is None
    assert found.cost_usd is None
    assert found.balance_usd == Decimal("0.2")
    assert found.evidence == b"<b>[key]</b>"
    assert secret not in repr(found)


def test_our_own_history_is_read() -> None:
    body = json.dumps(
        {
            "requests": [
                {
                    "request_id": "job-1",
                    "created_at": "2026-01-02T03:04:05Z",
                    "status": "COMPLETED",
                    "prompt": "x",
                    "duration": 10.5,
                    "seed": 7,
                    "cost": 0.04,
                    "output": "http://127.0.0.1/files/job-1.wav",
                }
            ]
        }
    )
    entries = read_history(body.encode())
    assert entries is not None
    (entry,) = entries
    assert (entry.request_id, entry.created_s) == ("job-1", 1767323045.0)
    assert (entry.prompt, entry.duration_s, entry.seed) == ("x", Decimal("10.5"), 7)
    assert (entry.status, entry.cost_usd) == (JobStatus.COMPLETED, Decimal("0.04"))
    assert entry.output_url == "http://127.0.0.1/files/job-1.wav"


def test_another_history_is_read_by_the_names_that_are_usual() -> None:
    told_there = {
        "generations": [
            {
                "id": "gen_1",
                "model": "meta-musicgen-medium",
                "createdAt": 1767323045000,
                "input": {"prompt": "x", "seed": "7", "duration": 10},
                "output_url": "https://cdn.invalid/a.mp3",
                "credits_used": 1.0,
            },
            "nonsense",
            {"created_at": "yesterday", "status": 5, "seed": "x", "cost": -1},
        ]
    }
    entries = read_history(json.dumps(told_there).encode())
    assert entries is not None
    first, second = entries
    assert (first.created_s, first.prompt, first.seed) == (1767323045.0, "x", 7)
    assert (first.model, first.output_url) == ("meta-musicgen-medium", "https://cdn.invalid/a.mp3")
    assert {getattr(second, name) for name in second.__slots__} == {None}
    assert read_history(b'{"error": "no"}') is None


def test_the_history_is_asked_in_the_words_of_each_service() -> None:
    assert page_url(usual_history_url("http://127.0.0.1:1"), "m", 1, 1000.5) == (
        "http://127.0.0.1:1/v1/requests?limit=1000&since=1000.500"
    )
    hosted = page_url(usual_history_url("https://api.segmind.com"), "m", 2, 1767323045)
    assert hosted.endswith("/generations?page=2&model_name=m&start_date=2026-01-01")
