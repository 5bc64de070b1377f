"""Which addresses may be called, and which of them may see the key; pure."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urljoin, urlsplit

__all__ = ["is_fetchable", "is_loopback", "joined", "origin", "shown"]

_PRINTED = re.compile(r"[!-~]{1,4096}")
_HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")  # else nobody is asked for it
_NUMERIC = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")  # 127.1 and 0x7f000001 are addresses, too
_USUAL_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an address, ``None`` for what is no address to call."""
    if not _PRINTED.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in _USUAL_PORTS or not _HOST.fullmatch(host):
        return None
    if parts.username is not None or parts.password is not None:
        return None
    return parts.scheme, host, port or _USUAL_PORTS[parts.scheme]


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine, without asking for names."""
    found = origin(url)
    if found is None:
        return False
    literal = _literal(found[1])
    return found[1] == "localhost" or (literal is not None and literal.is_loopback)


def is_fetchable(url: str, base_url: str) -> bool:
    """Tell whether a result may be fetched from an address that the service at ``base_url`` told.

    From the service itself; from this machine, where the service is on it; else from anywhere by
    https, but for numeric addresses that are not public: no service may have us look around in
    the user's network.
    """
    found = origin(url)
    if found is None:
        return False
    if found == origin(base_url):
        return True
    if is_loopback(url):
        return is_loopback(base_url)
    literal = _literal(found[1])
    is_public = not _NUMERIC.fullmatch(found[1]) if literal is None else literal.is_global
    return found[0] == "https" and is_public


def joined(url: str, location: str) -> str:
    """Return where a redirect leads, empty where it can't be understood."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def shown(url: str) -> str:
    """Return an address without its query, which may be a permission."""
    if origin(url) is None:
        return "an address that can't be called"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:200]


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
