"""What ``-v`` shows, and what it never shows."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import click
import pytest

from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.cli import musicgen_daw, run
from musicgen_daw.cli.logs import redacted, verbose_option

CANARY = "SG_c0ffee0ddba11cafe"


@click.group()
@verbose_option
def program() -> None:
    pass


@program.command()
@verbose_option
def talk() -> None:
    for name in ("musicgen_daw.segmind", "httpx", "httpcore.http11", "somebody"):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger(name).log(level, "a word")


def heard(capfd: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    """Return "level logger" of every line on stderr."""
    program.main(arguments, standalone_mode=False)
    out, err = capfd.readouterr()
    assert out == ""
    return {" ".join(line.split()[2:4]).rstrip(":") for line in err.splitlines()}


WARNINGS = {
    f"WARNING {n}" for n in ("musicgen_daw.segmind", "httpx", "httpcore.http11", "somebody")
}
INFOS = WARNINGS | {"INFO musicgen_daw.segmind"}
DEBUGS = INFOS | {"DEBUG musicgen_daw.segmind"}
ALL = DEBUGS | {
    f"{level} {name}" for level in ("DEBUG", "INFO") for name in ("httpx", "httpcore.http11")
}


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["talk"], WARNINGS),
        (["talk", "-v"], INFOS),
        (["-v", "talk"], INFOS),
        (["-vv", "talk", "-v"], DEBUGS),
        (["talk", "--verbose", "--verbose"], DEBUGS),
        (["-v", "talk", "-vvv"], ALL),
        (["talk", "-vvvvv"], ALL),
    ],
)
def test_every_v_tells_more_wherever_it_stands(
    capfd, arguments: list[str], shown: set[str]
) -> None:
    assert heard(capfd, *arguments) == shown


def test_the_environment_may_ask_for_more(capfd, monkeypatch) -> None:
    monkeypatch.setenv("MUSICGEN_DAW_VERBOSE", "2")
    assert heard(capfd, "talk") == DEBUGS


def test_logging_is_left_as_it_was(capfd) -> None:
    names = ("", "musicgen_daw", "httpx", "httpcore")
    before = [(logging.getLogger(n).level, logging.getLogger(n).handlers[:]) for n in names]
    heard(capfd, "-vvv", "talk")
    after = [(logging.getLogger(n).level, logging.getLogger(n).handlers[:]) for n in names]
    assert after == before


@pytest.mark.parametrize("command", ["render", "clip", "jobs", "serve", "auth"])
def test_what_calls_a_service_takes_v_itself(capfd, command: str) -> None:
    assert run([command, "--help"]) == 0
    assert "--verbose" in capfd.readouterr().out


# -- keys ------------------------------------------------------------------------------------------


@pytest.fixture
def telling() -> Iterator[click.Group]:
    """The real program, with a command that tells a key in every way that a log can."""

    @click.command()
    @verbose_option
    def blab() -> None:
        log = logging.getLogger("musicgen_daw.segmind")
        log.info("sent %s", {"x-api-key": CANARY})
        try:
            int(CANARY)
        except ValueError:
            log.exception("broken")
        raise ValueError(f"a fault of this program with {CANARY}")

    musicgen_daw.add_command(blab)
    yield musicgen_daw
    del musicgen_daw.commands["blab"]


def test_neither_a_log_nor_a_traceback_tells_the_key(capfd, monkeypatch, telling) -> None:
    monkeypatch.setenv("SEGMIND_API_KEY", CANARY)
    assert run(["blab", "-vvv"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert CANARY not in err
    assert err.count("[key]") == 3
    assert "a fault of this program" in err


ODD = "k3y/of+another:kind=="


@pytest.mark.parametrize(
    "text",
    [
        f"bare {ODD} inside",
        "as an address /v2?key=k3y%2Fof%2Banother%3Akind%3D%3D",
    ],
)
def test_a_key_that_was_loaded_is_known_in_every_form(text: str) -> None:
    ApiKey(ODD)
    assert "k3y" not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "x-api-key: topsecret",
        "X-Api-Key:topsecret\r\nhost: a",
        "{'x-api-key': 'topsecret', 'host': 'a'}",
        '{"X-API-KEY": "topsecret"}',
        "[(b'x-api-key', b'topsecret'), (b'host', b'a')]",
        "Authorization: Bearer topsecret",
        "proxy-authorization = Basic topsecret",
        "(b'Set-Cookie', b'topsecret')",
        "the key SG_topsecret",
    ],
)
def test_what_stands_where_keys_stand_is_masked_whatever_it_is(text: str) -> None:
    assert "topsecret" not in redacted(text)
    assert ("host" in redacted(text)) == ("host" in text)


@pytest.mark.parametrize(
    "text",
    [
        "no authorization, so the call is refused",
        "POST /v2/meta-musicgen-medium 200 in 812 ms",
        "the key is kept in this machine's keyring",
        "x-request-id: 7f3a",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert redacted(text) == text


def test_a_log_steers_no_terminal(capfd) -> None:
    @click.command()
    @verbose_option
    def odd() -> None:
        logging.getLogger("musicgen_daw").warning("red \x1b[31m")

    odd.main([], standalone_mode=False)
    out, err = capfd.readouterr()
    assert "\x1b" not in out + err
    assert "red" in err
