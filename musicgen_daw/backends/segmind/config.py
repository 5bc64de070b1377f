"""Where the hosted service is and how it is called: settings file below environment, both checked.

Prices and rates are those of one service: another base URL is another service, whose clips never
answer for the hosted one's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Literal
from urllib.parse import urlsplit

from musicgen_daw.backends.base import CallLimits
from musicgen_daw.backends.segmind.addresses import is_loopback, origin
from musicgen_daw.errors import SettingsError, did_you_mean
from musicgen_daw.settings import SegmindSettings, read_segmind

__all__ = ["CHECK_URL", "HOSTED_URL", "PREFIX", "SegmindConfig", "resolve"]

HOSTED_URL = "https://api.segmind.com"
PREFIX = "MUSICGEN_DAW_SEGMIND_"
"""What the environment's names of these settings begin with."""

CHECK_URL = f"check the base URL ({PREFIX}BASE_URL, or base_url under [segmind])"
"""What is to be done where the service is not where it should be."""

_HOSTED_PER_MINUTE = 60.0  # two figures are published; the other is a free account's
_WRITTEN_AS_TEXT = {"base_url", "history_url", "model", "api"}
_TRUTHS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?|[0-9a-f:.]+")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class SegmindConfig:
    """How the service is called; every value is checked and final.

    ``base_url`` has neither a slash at its end nor ``/v1``; ``history_url`` is ``None`` where the
    service's own usual place is meant. ``rate_per_minute`` is ``None``
    without limit; ``tries`` counts calls for one clip that the service refuses for a while, and
    ``longest_wait_s`` bounds each wait before the next one, also what it may ask for.
    """

    base_url: str = HOSTED_URL
    history_url: str | None = None
    model: str = "meta-musicgen-medium"
    api: Literal["auto", "v1", "v2"] = "auto"
    at_once: int = 4
    rate_per_minute: float | None = _HOSTED_PER_MINUTE
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 300.0  # a cold start takes minutes
    job_timeout_s: float = 900.0
    longest_wait_s: float = 120.0
    tries: int = 6

    @property
    def is_hosted(self) -> bool:
        """Tell whether this is the hosted service itself."""
        return self.base_url == HOSTED_URL

    @property
    def revision(self) -> str:
        """The version of the sound, for a clip's identity."""
        return self.model if self.is_hosted else f"{self.model}@{self.base_url}"

    @property
    def limits(self) -> CallLimits:
        """What is counted together over all processes: the calls of one service."""
        return CallLimits(f"segmind {self.base_url}", self.at_once, self.rate_per_minute)


def resolve(settings: SegmindSettings, environment: Mapping[str, str]) -> SegmindConfig:
    """Return how the service is called, by the settings file and, before it, the environment.

    Raises:
        SettingsError: naming the variable, or the key, whose value is wrong.
    """
    told = _environment(environment)
    places = {name: f"{PREFIX}{name.upper()}" for name in _set(told)}
    chosen = _set(settings) | _set(told)

    def place(name: str) -> str:
        return places.get(name, f"settings [segmind] {name}")

    allow_http = bool(chosen.pop("allow_http", False))
    for name in {"base_url", "history_url"} & chosen.keys():
        chosen[name] = _checked_url(str(chosen[name]), place(name), allow_http=allow_http)
    if not _SLUG.fullmatch(str(chosen.get("model", "x"))):
        raise SettingsError(
            "is no model's name, such as 'meta-musicgen-medium'", path=place("model")
        )
    if "base_url" in chosen:
        chosen["base_url"] = re.sub(r"/v[12]$", "", str(chosen["base_url"]))
    rate = chosen.pop("rate_per_minute", None)
    config = replace(SegmindConfig(), **chosen)  # type: ignore[arg-type]  # read by their readers
    if rate is None:
        rate = _HOSTED_PER_MINUTE if config.is_hosted else 0
    return replace(config, rate_per_minute=rate or None)  # type: ignore[arg-type]  # a number


def _set(settings: SegmindSettings) -> dict[str, object]:
    """Return the settings that are made."""
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return {name: value for name, value in values.items() if value is not None}


def _environment(environment: Mapping[str, str]) -> SegmindSettings:
    """Read the variables of this service; a misspelt one could send work to the paid one."""
    known = {f"{PREFIX}{each.name.upper()}": each.name for each in fields(SegmindSettings)}
    settings = SegmindSettings()
    for variable in sorted(name for name in environment if name.startswith(PREFIX)):
        if variable not in known:
            raise SettingsError(f"unknown variable{did_you_mean(variable, known)}", path=variable)
        name, text = known[variable], environment[variable].strip()
        if not text:
            continue
        read = read_segmind({name: _typed(name, text)}, variable)
        settings = replace(settings, **{name: getattr(read, name)})
    return settings


def _typed(name: str, text: str) -> object:
    """Return what a word of the environment means: a truth or a number, else the word."""
    if name == "allow_http":
        return _TRUTHS.get(text.lower(), text)
    if name not in _WRITTEN_AS_TEXT:
        for kind in (int, float):
            with suppress(ValueError):
                return kind(text)
    return text


def _checked_url(text: str, place: str, *, allow_http: bool) -> str:
    """Return an address in its plain form, fit to send the key to."""
    found = origin(text)
    if found is None or not _HOST.fullmatch(found[1]):
        raise SettingsError(
            "is no address, such as 'https://api.segmind.com', without user and password",
            path=place,
        )
    parts = urlsplit(text)
    path = parts.path.rstrip("/")
    if parts.query or parts.fragment or not _PATH.fullmatch(path):
        raise SettingsError("has more to it than an address and a path", path=place)
    scheme, host, port = found
    if scheme == "http" and not (allow_http or is_loopback(text)):
        raise SettingsError(
            "would send the key unencrypted: use https (or allow_http in a network you trust)",
            path=place,
        )
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port == {"https": 443, "http": 80}[scheme] else f":{port}"
    return f"{scheme}://{shown_host}{shown_port}{path}"
