"""Where the service is and how it is called."""

from __future__ import annotations

import pytest

from musicgen_daw.backends.segmind.config import HOSTED_URL, SegmindConfig, resolve
from musicgen_daw.errors import SettingsError
from musicgen_daw.settings import SegmindSettings

NOTHING = SegmindSettings()


def at(base_url: str, **more: str) -> SegmindConfig:
    variables = {f"MUSICGEN_DAW_SEGMIND_{name.upper()}": value for name, value in more.items()}
    return resolve(NOTHING, {"MUSICGEN_DAW_SEGMIND_BASE_URL": base_url, **variables})


def test_by_itself_it_is_the_hosted_service_within_its_published_rate() -> None:
    config = resolve(NOTHING, {})

    assert config == SegmindConfig()
    assert config.base_url == HOSTED_URL == "https://api.segmind.com"
    assert (config.at_once, config.rate_per_minute, config.api) == (4, 60.0, "auto")
    assert config.revision == "meta-musicgen-medium"
    assert config.limits.name == "segmind https://api.segmind.com"


def test_the_environment_goes_before_the_settings_file() -> None:
    settings = SegmindSettings(at_once=8, api="v1", rate_per_minute=5.0)
    environment = {
        "MUSICGEN_DAW_SEGMIND_AT_ONCE": "16",
        "MUSICGEN_DAW_SEGMIND_API": "",
        "MUSICGEN_DAW_SEGMIND_READ_TIMEOUT_S": "2.5",
        "OTHER": "x",
    }
    config = resolve(settings, environment)

    assert (config.at_once, config.api, config.rate_per_minute) == (16, "v1", 5.0)
    assert config.read_timeout_s == 2.5


def test_another_base_url_is_another_service_without_a_rate() -> None:
    config = at("http://127.0.0.1:8765")

    assert config.revision == "meta-musicgen-medium@http://127.0.0.1:8765"
    assert config.rate_per_minute is None
    assert config.limits.name == "segmind http://127.0.0.1:8765"
    assert at("http://127.0.0.1:8765", rate_per_minute="30").rate_per_minute == 30.0


def test_a_rate_of_zero_is_no_limit() -> None:
    assert resolve(NOTHING, {"MUSICGEN_DAW_SEGMIND_RATE_PER_MINUTE": "0"}).rate_per_minute is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://api.segmind.com/", HOSTED_URL),
        ("https://api.segmind.com/v1", HOSTED_URL),
        ("https://api.segmind.com/v2/", HOSTED_URL),
        ("https://API.Segmind.com:443", HOSTED_URL),
        ("http://localhost:8765/v1/", "http://localhost:8765"),
        ("http://[::1]:8765", "http://[::1]:8765"),
        ("https://proxy.example/segmind/v1", "https://proxy.example/segmind"),
        ("http://127.9.9.9", "http://127.9.9.9"),
    ],
)
def test_an_address_is_brought_to_its_plain_form(written: str, meant: str) -> None:
    assert at(written).base_url == meant


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("http://api.segmind.com", "would send the key unencrypted: use https"),
        ("http://192.168.1.5:8765", "would send the key unencrypted"),
        ("http://127.0.0.1.evil.example", "would send the key unencrypted"),
        ("http://localhost@evil.example", "without user and password"),
        ("https://user:canary@api.segmind.com", "without user and password"),
        ("ftp://127.0.0.1", "is no address"),
        ("api.segmind.com", "is no address"),
        ("https://", "is no address"),
        ("https://host:port", "is no address"),
        ("https://host:99999", "is no address"),
        ("https://[::1", "is no address"),
        ("https://host/?key=canary", "has more to it than an address"),
        ("https://host/#canary", "has more to it than an address"),
        ("https://host/../v1 x", "is no address"),
        ("https://api.seg\nmind.com", "is no address"),
        ("https://ho\x00st", "is no address"),
    ],
)
def test_an_address_unfit_for_the_key_is_refused_and_not_repeated(
    written: str, reason: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        at(written)

    assert str(caught.value).startswith("MUSICGEN_DAW_SEGMIND_BASE_URL: ")
    assert reason in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_network_that_is_trusted_may_go_without_encryption() -> None:
    assert at("http://192.168.1.5:8765", allow_http="1").base_url == "http://192.168.1.5:8765"
    with pytest.raises(SettingsError, match="use https"):
        at("http://192.168.1.5:8765", allow_http="no")


def test_the_history_may_be_elsewhere() -> None:
    assert at("http://127.0.0.1:8765").history_url is None
    elsewhere = at("http://127.0.0.1:1", history_url="https://h.example/past/")
    assert elsewhere.history_url == "https://h.example/past"
    with pytest.raises(SettingsError, match="HISTORY_URL: would send the key unencrypted"):
        resolve(NOTHING, {"MUSICGEN_DAW_SEGMIND_HISTORY_URL": "http://h.example"})


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("AT_ONCE", "many", "at_once must be a whole number, not text ('many')"),
        ("AT_ONCE", "0", "at_once = 0 must lie between 1 and 64"),
        ("RATE_PER_MINUTE", "-1", "must lie between 0 and"),
        ("RATE_PER_MINUTE", "nan", "must lie between 0 and"),
        ("READ_TIMEOUT_S", "inf", "is far too large"),
        ("TRIES", "9" * 5000, "must be a whole number"),
        ("API", "v3", "api must be one of auto, v1, v2, not text ('v3')"),
        ("MODEL", "../v1/other", "is no model's name"),
        ("ALLOW_HTTP", "perhaps", "must be true or false"),
        ("BASEURL", "http://127.0.0.1", "did you mean 'MUSICGEN_DAW_SEGMIND_BASE_URL'?"),
        ("API_KEY", "canary", "unknown variable"),
    ],
)
def test_a_wrong_variable_is_told_by_its_name(name: str, value: str, reason: str) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve(NOTHING, {f"MUSICGEN_DAW_SEGMIND_{name}": value})

    assert str(caught.value).startswith(f"MUSICGEN_DAW_SEGMIND_{name}: ")
    assert reason in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_wrong_address_in_the_settings_file_is_told_by_its_place() -> None:
    with pytest.raises(SettingsError, match=r"^settings \[segmind\] base_url: is no address"):
        resolve(SegmindSettings(base_url="nowhere"), {})
