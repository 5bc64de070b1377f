"""The key of the hosted service: where it is found, and how it stays out of everything written.

It comes from the environment or from the keyring of this machine, never from a flag or a file.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
from collections.abc import Mapping
from typing import Literal, NoReturn, Protocol, Self, SupportsIndex
from urllib.parse import quote

from musicgen_daw.errors import Credentials

__all__ = [
    "KEY_VARIABLE",
    "ApiKey",
    "Ring",
    "find_key",
    "forget_key",
    "known_secrets",
    "store_key",
    "where_is_key",
]

KEY_VARIABLE = "SEGMIND_API_KEY"
"""The environment variable that holds the key."""

_SERVICE, _USER = "musicgen-daw", "segmind"
_SHAPE = re.compile(r"[!-~]{8,512}")
_MASK = "[key]"
_HOW_TO_GIVE = f"give one with 'musicgen-daw auth login', or in {KEY_VARIABLE}"

_log = logging.getLogger("musicgen_daw.segmind")


class Ring(Protocol):
    """A keyring, as far as it is needed here: the module ``keyring`` is one."""

    def get_password(self, service: str, user: str, /) -> str | None:
        """Return a secret, ``None`` where there is none."""

    def set_password(self, service: str, user: str, secret: str, /) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, user: str, /) -> None:
        """Forget a secret."""


class ApiKey:
    """A secret that shows itself only to who asks for it by ``reveal``.

    Blanks around it are dropped. It can't be pickled, so that no other process gets it.

    Raises:
        Credentials: where it can't be a key; the message doesn't repeat it.
    """

    __slots__ = ("_forms", "_secret")

    def __init__(self, secret: str) -> None:
        secret = secret.strip()
        if not _SHAPE.fullmatch(secret):
            raise Credentials(f"what is given as the key {_fault_of(secret)}; {_HOW_TO_GIVE}")
        self._secret = secret
        # As an address or a JSON text would repeat it; the longest first, as one may hold another.
        forms = {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1]}
        self._forms = tuple(sorted(forms, key=len, reverse=True))
        _KNOWN[secret] = self

    def reveal(self) -> str:
        """Return the secret: for a header of a request, and nothing else."""
        return self._secret

    def redact(self, text: str) -> str:
        """Return a text with every occurrence of the secret replaced."""
        for form in self._forms:
            text = text.replace(form, _MASK)
        return text

    def redact_bytes(self, content: bytes) -> bytes:
        """Return bytes with every occurrence of the secret replaced."""
        for form in self._forms:
            content = content.replace(form.encode("ascii"), _MASK.encode("ascii"))
        return content

    def __repr__(self) -> str:
        return f"ApiKey({_MASK})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ApiKey):
            return NotImplemented
        return hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self._secret)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a key is not pickled")


# All keys that this process ever knew, so that a log can be kept clear of them.
_KNOWN: dict[str, ApiKey] = {}


def known_secrets() -> tuple[ApiKey, ...]:
    """Return every key that this process has known, for a log to redact."""
    return tuple(_KNOWN.values())


def find_key(environment: Mapping[str, str], ring: Ring | None = None) -> ApiKey:
    """Return the key: of the environment, else of the keyring (this machine's, if none is given).

    Raises:
        Credentials: where there is none, or what is there can't be a key.
    """
    if given := environment.get(KEY_VARIABLE, "").strip():
        return ApiKey(given)
    if kept := _kept(ring):
        return ApiKey(kept)
    raise Credentials(f"no key for the hosted service: {_HOW_TO_GIVE}")


def where_is_key(
    environment: Mapping[str, str], ring: Ring | None = None
) -> Literal["environment", "keyring"] | None:
    """Return where ``find_key`` would find a key, without looking whether it is one."""
    if environment.get(KEY_VARIABLE, "").strip():
        return "environment"
    return "keyring" if _kept(ring) else None


def store_key(key: ApiKey, ring: Ring | None = None) -> None:
    """Keep a key in the keyring, in place of any earlier one.

    Raises:
        Credentials: where the keyring doesn't work, or keeps nothing.
    """
    try:
        chosen = _machine_ring() if ring is None else ring
        chosen.set_password(_SERVICE, _USER, key.reveal())
    except Exception as error:  # noqa: BLE001  # keyrings raise whatever their system raises
        raise Credentials(_no_ring(key.redact(_in_words(error)))) from None
    if _kept(ring) != key.reveal():
        raise Credentials(_no_ring("it doesn't keep what it is given"))


def forget_key(ring: Ring | None = None) -> bool:
    """Remove the key from the keyring, and tell whether there was one.

    Raises:
        Credentials: where the keyring won't remove it.
    """
    kept = _kept(ring)
    if not kept:
        return False
    try:
        (_machine_ring() if ring is None else ring).delete_password(_SERVICE, _USER)
    except Exception as error:  # noqa: BLE001  # keyrings raise whatever their system raises
        reason = _in_words(error).replace(kept, _MASK)
        raise Credentials(f"the keyring can't remove the key: {reason}") from None
    return True


def _kept(ring: Ring | None) -> str | None:
    """Return what the keyring keeps; one that is missing or broken keeps nothing."""
    try:
        chosen = _machine_ring() if ring is None else ring
        kept = chosen.get_password(_SERVICE, _USER)
    except Exception as error:  # noqa: BLE001  # keyrings raise whatever their system raises
        _log.info("the keyring can't be read: %s", _in_words(error))
        return None
    return kept.strip() if isinstance(kept, str) else None


def _machine_ring() -> Ring:
    import keyring  # slow to load; where the environment has the key it isn't needed

    return keyring


def _no_ring(reason: str) -> str:
    return f"the key can't be kept in this machine's keyring ({reason}): set {KEY_VARIABLE} instead"


def _in_words(error: Exception) -> str:
    """Return an error in one bounded, printable line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())
    return line[:200] or type(error).__name__


def _fault_of(secret: str) -> str:
    """Tell why something is no key, without repeating it."""
    if not secret:
        return "is empty"
    if not secret.isascii() or not secret.isprintable():
        return "has a line break, a control character or a letter that no key has"
    if " " in secret:
        return "has a blank inside"
    return "is too short" if len(secret) < 8 else "is too long"
