from __future__ import annotations

import pytest

from musicgen_daw.backends.segmind.addresses import is_fetchable, is_loopback, origin, shown

HOSTED, LOCAL = "https://api.segmind.com", "http://127.0.0.1:8765"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/x?y#z", ("https", "a.example", 443)),
        ("HTTPS://A.Example:443/", ("https", "a.example", 443)),
        ("http://[::1]:80/", ("http", "::1", 80)),
        ("ftp://a.example/", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        ("https://user:pass@a.example/", None),
        ("https://@a.example/", None),
        ("https://a.example:99999/", None),
        ("https://a.example:x/", None),
        ("https://a b.example/", None),
        ("https://a.example/\r\nx-api-key: y", None),
        ("https://*.example/", None),
        ("https://é.example/", None),
        ("https://[::1/", None),
        ("https://a.example/" + "x" * 5000, None),
        ("", None),
    ],
)
def test_an_address_is_one_that_can_be_called_or_none(
    url: str, found: tuple[str, str, int] | None
) -> None:
    assert origin(url) == found


def test_loopback_is_told_without_asking_for_names() -> None:
    for url in (LOCAL, "http://localhost:1", "http://[::1]/", "http://127.9.9.9/"):
        assert is_loopback(url)
    for url in (HOSTED, "http://localhost.example/", "http://0.0.0.0/", "nonsense"):
        assert not is_loopback(url)


@pytest.mark.parametrize(
    ("url", "base_url", "may"),
    [
        (f"{HOSTED}/files/x.wav", HOSTED, True),
        ("https://cdn.example/x.wav", HOSTED, True),
        ("https://8.8.8.8/x.wav", HOSTED, True),
        ("http://cdn.example/x.wav", HOSTED, False),
        ("http://127.0.0.1/x.wav", HOSTED, False),
        ("https://127.0.0.1/x.wav", HOSTED, False),
        ("https://localhost/x.wav", HOSTED, False),
        ("https://10.0.0.1/x.wav", HOSTED, False),
        ("https://169.254.169.254/latest/meta-data", HOSTED, False),
        ("https://[fe80::1]/x.wav", HOSTED, False),
        ("https://[::ffff:127.0.0.1]/x.wav", HOSTED, False),
        ("https://127.1/x.wav", HOSTED, False),
        ("https://2130706433/x.wav", HOSTED, False),
        ("https://0x7f000001/x.wav", HOSTED, False),
        ("https://0x7f.0.0.1./x.wav", HOSTED, False),
        ("https://cdn2.example/x.wav", HOSTED, True),
        ("file:///etc/passwd", HOSTED, False),
        (f"{LOCAL}/files/x.wav", LOCAL, True),
        ("http://127.0.0.1:9/x.wav", LOCAL, True),
        ("http://10.0.0.1/x.wav", LOCAL, False),
        ("http://10.0.0.1:8765/x.wav", "http://10.0.0.1:8765", True),
    ],
)
def test_a_service_can_not_have_us_look_around_in_the_network(
    url: str, base_url: str, *, may: bool
) -> None:
    assert is_fetchable(url, base_url) is may


def test_an_address_is_shown_without_its_query() -> None:
    assert shown("https://cdn.example/a.wav?signature=s3cret#x") == "https://cdn.example/a.wav"
    assert shown("nonsense") == "an address that can't be called"
