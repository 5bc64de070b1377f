"""Home folders in paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicgen_daw.home import in_home


def test_a_tilde_is_the_home_folder_of_its_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("USERPROFILE", "/home/me")
    assert in_home("~/music/a.sf2") == Path("/home/me/music/a.sf2")
    assert in_home(Path("music/~a")) == Path("music/~a")


def test_a_user_whom_nobody_knows_has_no_home() -> None:
    assert in_home("~nobody-of-this-name/a") == Path("~nobody-of-this-name/a")
