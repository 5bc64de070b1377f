"""The key: where it is found, and that it shows itself nowhere."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import subprocess
import sys
import traceback
from dataclasses import dataclass

import pytest

from musicgen_daw.backends.segmind.credentials import (
    ApiKey,
    find_key,
    forget_key,
    known_secrets,
    store_key,
    where_is_key,
)
from musicgen_daw.errors import Credentials

TYPED = "SG_c0ffee5ecret1234"


class MemoryRing:
    """A keyring that keeps its secrets as long as it lives."""

    def __init__(self, secret: str | None = None) -> None:
        self.secrets = {} if secret is None else {("musicgen-daw", "segmind"): secret}

    def get_password(self, service: str, user: str) -> str | None:
        return self.secrets.get((service, user))

    def set_password(self, service: str, user: str, secret: str) -> None:
        self.secrets[service, user] = secret

    def delete_password(self, service: str, user: str) -> None:
        del self.secrets[service, user]


class ForgetfulRing(MemoryRing):
    """As on a machine where the keyring is switched off: everything works, nothing is kept."""

    def set_password(self, service: str, user: str, secret: str) -> None:
        pass


class BrokenRing(MemoryRing):
    """A keyring whose service is not there, and which repeats what it was given."""

    def get_password(self, service: str, user: str) -> str | None:
        raise RuntimeError("no\nsession bus")

    def set_password(self, service: str, user: str, secret: str) -> None:
        raise ValueError(f"can't keep {secret!r}")


class LockedRing(MemoryRing):
    """A keyring that may be read only."""

    def delete_password(self, service: str, user: str) -> None:
        raise PermissionError(f"{self.secrets[service, user]} is locked")


@dataclass
class Holder:
    key: ApiKey


def test_a_key_shows_itself_only_when_asked() -> None:
    key = ApiKey(f"  {TYPED}\n")

    assert key.reveal() == TYPED
    for shown in (
        repr(key),
        str(key),
        f"{key}",
        repr(Holder(key)),
        repr([key]),
        repr(vars(Holder(key))),
    ):
        assert TYPED not in shown


def test_a_key_is_copied_but_never_pickled() -> None:
    key = ApiKey(TYPED)

    assert copy.deepcopy(Holder(key)).key == copy.copy(key) == key
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(Holder(key), protocol)


def test_keys_are_compared_by_their_secret() -> None:
    assert ApiKey(TYPED) == ApiKey(TYPED)
    assert hash(ApiKey(TYPED)) == hash(ApiKey(TYPED))
    assert ApiKey(TYPED) != ApiKey(TYPED + "5")
    assert ApiKey(TYPED) != TYPED


def test_a_text_is_cleared_of_every_form_of_the_key() -> None:
    key = ApiKey('SG_a+b/"c\\d&e')
    text = r'plain SG_a+b/"c\d&e, in JSON "SG_a+b/\"c\\d&e", in a path SG_a%2Bb%2F%22c%5Cd%26e!'

    assert key.redact(text) == 'plain [key], in JSON "[key]", in a path [key]!'
    assert key.redact_bytes(text.encode()) == key.redact(text).encode()
    assert key.redact("nothing here") == "nothing here"


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("SG_1234", "is too short"),
        ("S" * 513, "is too long"),
        ("SG_line\nbreak-canary", "has a line break"),
        ("SG_nul\0canary", "has a line break, a control character"),
        ("SG_canáry1234", "or a letter that no key has"),
        ("my own canary", "has a blank inside"),
    ],
)
def test_what_is_no_key_is_refused_and_not_repeated(secret: str, reason: str) -> None:
    with pytest.raises(Credentials) as caught:
        ApiKey(secret)

    assert reason in str(caught.value)
    assert "canary" not in str(caught.value)
    assert caught.value.exit_code == 6


def test_the_environment_goes_before_the_keyring() -> None:
    ring = MemoryRing("SG_of-the-keyring")

    assert find_key({"SEGMIND_API_KEY": f" {TYPED}\n"}, ring).reveal() == TYPED
    assert where_is_key({"SEGMIND_API_KEY": TYPED}, ring) == "environment"
    assert find_key({"SEGMIND_API_KEY": " "}, ring).reveal() == "SG_of-the-keyring"
    assert where_is_key({}, ring) == "keyring"


@pytest.mark.parametrize("ring", [MemoryRing(), MemoryRing(" "), BrokenRing()])
def test_without_a_key_both_ways_to_give_one_are_told(ring: MemoryRing) -> None:
    with pytest.raises(Credentials, match=r"musicgen-daw auth login.*SEGMIND_API_KEY"):
        find_key({}, ring)
    assert where_is_key({}, ring) is None


def test_a_key_is_stored_replaced_and_forgotten() -> None:
    ring = MemoryRing()

    store_key(ApiKey("SG_an-older-key"), ring)
    store_key(ApiKey(TYPED), ring)
    assert find_key({}, ring).reveal() == TYPED
    assert forget_key(ring) is True
    assert forget_key(ring) is False
    assert where_is_key({}, ring) is None


@pytest.mark.parametrize("ring", [ForgetfulRing(), BrokenRing()])
def test_a_keyring_that_does_not_keep_a_key_is_told(ring: MemoryRing) -> None:
    with pytest.raises(Credentials, match="set SEGMIND_API_KEY instead") as caught:
        store_key(ApiKey(TYPED), ring)
    assert TYPED not in "".join(traceback.format_exception(caught.value))


def test_a_keyring_that_does_not_let_go_is_told_without_the_key() -> None:
    with pytest.raises(Credentials, match=r"can't remove the key: \[key\] is locked") as caught:
        forget_key(LockedRing(TYPED))
    assert TYPED not in "".join(traceback.format_exception(caught.value))


def test_a_broken_keyring_is_told_to_the_log_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "musicgen_daw.segmind"):
        assert where_is_key({}, BrokenRing()) is None
    assert caplog.messages == ["the keyring can't be read: no session bus"]


def test_every_key_of_this_process_is_known_to_the_log() -> None:
    key = ApiKey("SG_known-to-the-log")

    assert key in known_secrets()


@pytest.mark.parametrize(
    "ring", ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring", "no.such"]
)
def test_a_machine_without_a_keyring_has_no_key(ring: str) -> None:
    program = (
        "from musicgen_daw.backends.segmind.credentials import *\n"
        "print(where_is_key({}), forget_key())\n"
        "try: store_key(ApiKey('SG_12345678'))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHON_KEYRING_BACKEND": ring},
    )  # fmt: skip

    assert done.stdout.startswith("None False\nCredentials the key can't be kept")
    assert "SG_12345678" not in done.stdout + done.stderr
