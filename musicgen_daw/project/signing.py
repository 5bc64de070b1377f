"""Signing finished files with Content Credentials, by the user's own certificate and key.

Nothing is asked of any network: no time stamp authority, no revocation list. A signature holds
random numbers, so a file that is signed again differs; what is signed already stays as it is.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from musicgen_daw.errors import AudioError, SettingsError, UsageError
from musicgen_daw.export.content_credentials import MEDIA_TYPES, PARENT, claim
from musicgen_daw.export.plain_text import one_line
from musicgen_daw.export.stems import Provenance
from musicgen_daw.small_files import read_small

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

__all__ = ["Parent", "Signing"]

_EXTRA = "signing needs an extra: pip install 'musicgen-daw[c2pa]'"
_OFFLINE = {
    "version": 1,
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": False},
}
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_LARGEST_FILE_BYTES = 1 << 20
"""A certificate chain or a key that is larger is none."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The file that a signed one is made from: its manifest goes along, if it has one."""

    path: Path
    container: str


@dataclass(frozen=True, slots=True)
class Signing:
    """A certificate chain in PEM, its own certificate first, with the key to it.

    ``tells_prompt`` says that the prompt is told in what is signed. Make one with ``load``.
    """

    certificates: bytes
    key: bytes = field(repr=False)
    algorithm: str
    tells_prompt: bool = False

    @classmethod
    def load(cls, certificates: Path, key: Path, *, tells_prompt: bool = False) -> Self:
        """Read a chain and its key, and try them on a file of silence.

        Raises:
            UsageError: where the extra is not installed.
            SettingsError: for files that can't be read, a key that is encrypted or belongs to
                another certificate, or what C2PA doesn't sign with.
        """
        try:
            import c2pa  # noqa: F401  # only whether it is there
            from cryptography import x509
        except ImportError as error:
            raise UsageError(_EXTRA) from error
        try:
            chain = x509.load_pem_x509_certificates(_read(certificates))
        except ValueError:
            raise SettingsError("holds no certificate in PEM", path=certificates) from None
        private = _private_key(key)
        if not _belong_together(chain[0], private):
            raise SettingsError(f"is not the key to {certificates}", path=key)
        # Written anew, so that nothing else that the file may hold goes along.
        signing = cls(_pem(chain), _pkcs8(private), _algorithm(private, key), tells_prompt)
        try:
            signing.sign(claim("trial", Provenance("trial"), is_trained=False, tells_prompt=False),
                         "wav", io.BytesIO(_SILENCE), io.BytesIO())  # fmt: skip
        except AudioError as error:
            raise SettingsError(
                f"C2PA takes no such certificate: {error}", path=certificates
            ) from None
        return signing

    @property
    def fingerprint(self) -> str:
        """What stands for all that a signed file has from here, in hex."""
        return hashlib.sha256(self.certificates + bytes([self.tells_prompt])).hexdigest()

    @staticmethod
    def check_format(file_format: str) -> None:
        """Refuse a format that has no place for a signature.

        Raises:
            UsageError: for such a format.
        """
        if file_format not in MEDIA_TYPES:
            known = ", ".join(MEDIA_TYPES)
            raise UsageError(f"C2PA signs no {file_format} files: use --format {known}")

    def around(
        self,
        write: Callable[[BinaryIO], None],
        manifest: Mapping[str, Any],
        file_format: str,
        parent: Parent | None = None,
    ) -> Callable[[BinaryIO], None]:
        """Return what writes a file signed, where ``write`` writes it as it is."""

        def write_signed(file: BinaryIO) -> None:
            with TemporaryFile() as unsigned:
                write(unsigned)
                self.sign(manifest, file_format, unsigned, file, parent)

        return write_signed

    def sign(
        self,
        manifest: Mapping[str, Any],
        file_format: str,
        source: BinaryIO,
        signed: BinaryIO,
        parent: Parent | None = None,
    ) -> None:
        """Write a whole file to another one with a manifest in it; its sound stays as it is.

        Raises:
            AudioError: where it can't be signed.
        """
        import c2pa

        source.seek(0)
        info = c2pa.C2paSignerInfo(self.algorithm, self.certificates, self.key, None)
        try:
            with (
                c2pa.Context.from_dict(_OFFLINE) as context,
                c2pa.Signer.from_info(info) as signer,
                c2pa.Builder(dict(manifest), context=context) as builder,
            ):
                if parent is not None:
                    _add_parent(builder, parent)
                builder.sign(signer, MEDIA_TYPES[file_format], source, signed)
        except c2pa.C2paError as error:
            raise AudioError(f"it can't be signed: {one_line(str(error))}") from None


def _add_parent(builder: Any, parent: Parent) -> None:
    told = {"title": one_line(parent.path.name), "relationship": "parentOf", "label": PARENT}
    media_type = MEDIA_TYPES.get(parent.container, "application/octet-stream")
    with parent.path.open("rb") as file:
        builder.add_ingredient(told, media_type, file)


def _read(path: Path) -> bytes:
    try:
        return read_small(path, _LARGEST_FILE_BYTES)
    except OSError as error:
        raise SettingsError(f"can't be read: {error.strerror}", path=path) from None


def _private_key(path: Path) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        return serialization.load_pem_private_key(_read(path), None)
    except TypeError:
        raise SettingsError("is encrypted: decrypt it first", path=path) from None
    except (ValueError, UnsupportedAlgorithm):
        raise SettingsError("holds no private key in PEM", path=path) from None


def _belong_together(certificate: x509.Certificate, key: PrivateKeyTypes) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return certificate.public_key() == key.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False


def _pem(chain: Iterable[x509.Certificate]) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain)


def _pkcs8(key: PrivateKeyTypes) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _algorithm(key: PrivateKeyTypes, path: Path) -> str:
    """Return what C2PA calls the way to sign with a key."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    raise SettingsError("is of a kind that C2PA doesn't sign with", path=path)


_SILENCE = (
    struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 38, b"WAVE", b"fmt ", 16, 1, 1, 8000, 16_000, 2, 16)
    + struct.pack("<4sIH", b"data", 2, 0)
)  # fmt: skip
