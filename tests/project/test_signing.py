"""Files signed with Content Credentials, read back by the reader of C2PA's own library."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from mutagen.id3 import ID3

from musicgen_daw import Project
from musicgen_daw.audio import Pcm
from musicgen_daw.audio.codecs import encode
from musicgen_daw.cli.opening import signing_of
from musicgen_daw.errors import AudioError, SettingsError, UsageError
from musicgen_daw.events import Event, TakeFinished
from musicgen_daw.export.content_credentials import MEDIA_TYPES, claim
from musicgen_daw.export.stems import Provenance, StemTags, file_tags, stem_chunks
from musicgen_daw.export.tags import write_tags
from musicgen_daw.export.wav import wav
from musicgen_daw.export.wav.carried import Change, carried
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk
from musicgen_daw.project.delivery import plan_files, resolve_delivery
from musicgen_daw.project.mastered_file import MasteredFile
from musicgen_daw.project.mastering import master_files
from musicgen_daw.project.signing import Signing
from musicgen_daw.settings import Settings
from musicgen_daw.timeline import FRAME_RATES, Span, Timecode

c2pa = pytest.importorskip("c2pa", reason="the extra 'c2pa' is not installed")

from cryptography import x509  # noqa: E402  # what the extra brings
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: E402
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: E402

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_FROM, _TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2066, 1, 1, tzinfo=UTC)
_USES = [
    f"{what}_{verb}"
    for what, verb in (
        ("digital", "signature"),
        ("content", "commitment"),
        ("key", "encipherment"),
        ("data", "encipherment"),
        ("key", "agreement"),
        ("key", "cert_sign"),
        ("crl", "sign"),
        ("encipher", "only"),
        ("decipher", "only"),
    )
]


@dataclass(frozen=True)
class Signer:
    """The files of a chain and of its key."""

    certificates: Path
    key: Path


def make_key(curve: ec.EllipticCurve | None = None) -> Key:
    return ec.generate_private_key(curve or ec.SECP256R1())


def make_signer(folder: Path, key: Key | None = None, *, may_sign: bool = True) -> Signer:
    """Write a chain of two certificates and the key to the first one."""
    authority, own = ec.generate_private_key(ec.SECP256R1()), key or make_key()
    root = _certificate("Our authority", "Our authority", authority, authority, "key_cert_sign")
    usage = "digital_signature" if may_sign else "key_encipherment"
    leaf = _certificate("Our studio", "Our authority", own, authority, usage)
    signer = Signer(folder / "chain.pem", folder / "key.pem")
    signer.certificates.write_bytes(b"".join(map(_pem, (leaf, root))))
    signer.key.write_bytes(private_pem(own))
    return signer


def private_pem(key: Key, password: bytes = b"") -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def _certificate(
    name: str, issuer: str, key: Key, signer: ec.EllipticCurvePrivateKey, usage: str
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_TO)
        .add_extension(x509.BasicConstraints(name == issuer, None), critical=True)
        .add_extension(x509.KeyUsage(**{use: use == usage for use in _USES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if name != issuer:
        uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(uses, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _name(name: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests")
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), organisation])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return make_signer(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def signing(signer: Signer) -> Signing:
    return Signing.load(signer.certificates, signer.key)


def manifest_in(content: bytes, media_type: str) -> tuple[dict[str, Any], str]:
    """Return the manifest of a file, and what the reader says of its signature."""
    with (
        c2pa.Context.from_dict({"version": 1, "verify": {"ocsp_fetch": False}}) as context,
        c2pa.Reader(media_type, io.BytesIO(content), context=context) as reader,
    ):
        store = json.loads(reader.json())
        return store["manifests"][store["active_manifest"]], reader.get_validation_state()


def created_in(manifest: dict[str, Any]) -> dict[str, Any]:
    (assertion,) = [one for one in manifest["assertions"] if one["label"] == "c2pa.actions.v2"]
    (action,) = assertion["data"]["actions"]
    assert action["action"] == "c2pa.created"
    return action  # type: ignore[no-any-return]


PROVENANCE = Provenance("sketch", "m1", 12, "brass, \u202erelentless", "CC0")
CLAIM = claim("1M1 - mix", PROVENANCE, is_trained=True, tells_prompt=False)


def sound() -> Pcm:
    noise = np.random.default_rng(3).integers(-(2**20), 2**20, (2, 24_001), dtype=np.int32)
    return Pcm(noise, 48_000, "24")


def tags() -> StemTags:
    return StemTags(
        "Film", "1M1", "mix", 1, 480, Timecode(0, FRAME_RATES["25"]), PROVENANCE,
        loop=Span(0, 24_001), markers=(Marker(100, "slam"),),
    )  # fmt: skip


def in_format(file_format: str) -> bytes:
    file, pcm = io.BytesIO(), sound()
    if file_format == "wav":
        wav.write(file, pcm, stem_chunks(tags(), pcm))
    else:
        encode(pcm, file_format, file)
        write_tags(file, file_format, file_tags(tags(), pcm))
    return file.getvalue()


def signed(signing: Signing, content: bytes, file_format: str) -> bytes:
    file = io.BytesIO()
    signing.around(lambda unsigned: _written(unsigned, content), CLAIM, file_format)(file)
    return file.getvalue()


def _written(file: Any, content: bytes) -> None:
    file.write(content)


@pytest.mark.parametrize(
    ("file_format", "media_type"),
    [("wav", "audio/wav"), ("flac", "audio/flac"), ("mp3", "audio/mpeg")],
)
def test_a_signed_file_sounds_the_same_and_tells_what_made_it(
    signing: Signing, file_format: str, media_type: str
) -> None:
    plain = in_format(file_format)
    content = signed(signing, plain, file_format)
    before, after = (soundfile.read(io.BytesIO(one))[0] for one in (plain, content))
    assert np.array_equal(before, after)
    manifest, state = manifest_in(content, media_type)
    assert state == "Valid"
    assert manifest["title"] == "1M1 - mix"
    assert manifest["claim_generator_info"][0]["name"] == "musicgen_daw"
    created = created_in(manifest)
    assert created["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert created["softwareAgent"]["name"] == "musicgen_daw sketch"
    assert created["parameters"] == {
        "generator": "sketch", "model": "m1", "seed": "12", "licence": "CC0",
    }  # fmt: skip
    assert manifest["signature_info"]["issuer"] == "Tests"
    assert "time" not in manifest["signature_info"]  # no authority was asked for one


def test_every_chunk_of_a_wav_stays_as_it_was(signing: Signing) -> None:
    plain = in_format("wav")
    content = signed(signing, plain, "wav")
    before, after = riff.parse(plain).chunks, riff.parse(content).chunks
    assert {b"bext", b"iXML", b"smpl", b"cue ", b"LIST"} <= {chunk.id for chunk in before}
    assert [(chunk.id, chunk.body(plain)) for chunk in before] == [
        (chunk.id, chunk.body(content)) for chunk in after[:-1]
    ]
    assert after[-1].id == b"C2PA"


def test_the_tags_of_an_mp3_stay_as_they_were(signing: Signing) -> None:
    plain = in_format("mp3")
    content = signed(signing, plain, "mp3")
    before, after = (ID3(io.BytesIO(one)) for one in (plain, content))
    assert "TXXX:AI_GENERATED" in before
    assert {name: after[name] for name in before} == dict(before)
    assert set(after) - set(before) == {"GEOB:c2pa manifest store"}


def test_a_sample_that_is_changed_afterwards_is_noticed(signing: Signing) -> None:
    content = bytearray(signed(signing, in_format("wav"), "wav"))
    content[2_000] ^= 1
    assert manifest_in(bytes(content), "audio/wav")[1] == "Invalid"


def test_the_prompt_is_told_only_where_it_is_asked_for() -> None:
    told = claim("x", PROVENANCE, is_trained=False, tells_prompt=True)
    (created,) = told["assertions"][0]["data"]["actions"]
    assert created["parameters"]["prompt"] == "brass, relentless"
    assert created["digitalSourceType"].endswith("/algorithmicMedia")
    assert "brass" not in json.dumps(CLAIM)


@pytest.mark.parametrize("key", [ec.SECP384R1(), None], ids=["P-384", "Ed25519"])
def test_other_kinds_of_keys_sign_too(tmp_path: Path, key: ec.EllipticCurve | None) -> None:
    own = make_key(key) if key else ed25519.Ed25519PrivateKey.generate()
    made = make_signer(tmp_path, own)
    content = signed(Signing.load(made.certificates, made.key), in_format("wav"), "wav")
    assert manifest_in(content, "audio/wav")[1] == "Valid"


def test_the_key_is_never_shown(signing: Signing, signer: Signer) -> None:
    secret = signer.key.read_text().splitlines()[1]
    assert secret.encode() in signing.key
    assert secret not in repr(signing)
    assert "PRIVATE" not in repr(signing)


def test_a_key_beside_the_certificates_does_not_go_along(tmp_path: Path) -> None:
    made = make_signer(tmp_path)
    made.certificates.write_bytes(made.certificates.read_bytes() + made.key.read_bytes())
    assert b"PRIVATE" not in Signing.load(made.certificates, made.key).certificates


def faulty_signers() -> Iterator[tuple[str, str, Any]]:
    yield "no certificate", "holds no certificate", lambda s: s.certificates.write_text("x")
    yield "no key", "holds no private key", lambda s: s.key.write_text("x")
    yield "gone", "can't be read", lambda s: s.key.unlink()
    yield "large", "too large", lambda s: s.key.write_bytes(bytes(2**20 + 1))
    yield "pipe", "holds no private key", lambda s: (s.key.unlink(), os.mkfifo(s.key))
    yield "other key", "is not the key to", lambda s: s.key.write_bytes(private_pem(make_key()))
    yield "encrypted", "is encrypted", lambda s: s.key.write_bytes(private_pem(make_key(), b"x"))


@pytest.mark.parametrize(
    ("message", "spoil"),
    [
        pytest.param(message, spoil, id=name)
        for name, message, spoil in faulty_signers()
        if name != "pipe" or hasattr(os, "mkfifo")
    ],
)
def test_what_cannot_sign_is_refused_before_any_work(
    tmp_path: Path, message: str, spoil: Any
) -> None:
    made = make_signer(tmp_path)
    spoil(made)
    with pytest.raises(SettingsError, match=message) as refused:
        Signing.load(made.certificates, made.key)
    assert refused.value.exit_code == 3
    assert "PRIVATE" not in str(refused.value)


def test_a_certificate_that_may_not_sign_is_refused_before_any_work(tmp_path: Path) -> None:
    made = make_signer(tmp_path, may_sign=False)
    with pytest.raises(SettingsError, match="C2PA takes no such certificate"):
        Signing.load(made.certificates, made.key)


def test_a_format_without_a_place_for_a_signature_is_refused(
    signing: Signing, short_sheet: Path, tmp_path: Path
) -> None:
    project = Project.open(short_sheet, output=tmp_path / "out", store=tmp_path / "store")
    with pytest.raises(UsageError, match="C2PA signs no ogg files: use --format wav, flac, mp3"):
        list(project.render(project.plan(file_format="ogg"), signing=signing))


def test_bytes_that_are_no_sound_file_cannot_be_signed(signing: Signing) -> None:
    with pytest.raises(AudioError, match="it can't be signed"):
        signed(signing, b"x" * 100, "wav")


def test_a_file_made_from_a_signed_one_does_not_keep_its_signature() -> None:
    change = Change(48_000, 48_000, 10, 10, 24, "A=PCM")
    kept = carried([Chunk(b"C2PA", b"told of other bytes"), Chunk(b"note", b"kept")], change)
    assert [chunk.id for chunk in kept] == [b"note"]


def test_a_render_signs_and_leaves_alone_what_is_signed(tmp_path: Path, signing: Signing) -> None:
    sheet, folder = tmp_path / "one.csv", tmp_path / "out"
    sheet.write_text("name,length,preset,prompt\nDoor,1,deep-drone,soft\n")
    project = Project.open(sheet, output=folder, store=tmp_path / "store")

    def rendered(who: Signing | None) -> tuple[int, dict[Path, bytes]]:
        events: list[Event] = []
        list(project.render(project.plan(), events.append, signing=who))
        (end,) = [event for event in events if isinstance(event, TakeFinished)]
        assert list(project.verify()) == []
        return end.written, {path: path.read_bytes() for path in folder.glob("stems/*/*.wav")}

    number, plain = rendered(None)
    written, first = rendered(signing)
    assert (number, written) == (len(plain), len(plain))
    for path, content in first.items():
        manifest, state = manifest_in(content, "audio/wav")
        assert (state, manifest["title"]) == ("Valid", f"Door - {path.stem.rpartition('_')[2]}")
        created = created_in(manifest)
        assert created["digitalSourceType"].endswith("/algorithmicMedia")  # rules, not learning
        assert created["parameters"]["licence"].startswith("What the built-in generator makes")
        assert content[8 : len(plain[path])] == plain[path][8:]
    assert rendered(signing) == (0, first)
    assert rendered(None) == (len(plain), plain)


def test_a_certificate_without_its_key_is_refused(signer: Signer) -> None:
    flags = {"c2pa_cert": signer.certificates, "c2pa_key": None, "c2pa_prompt": False}
    with pytest.raises(UsageError, match="both a certificate and its key"):
        signing_of(Settings(), flags)
    assert signing_of(Settings(), dict.fromkeys(flags)) is None
    with pytest.raises(UsageError, match="--c2pa-prompt signs nothing alone"):
        signing_of(Settings(), dict.fromkeys(flags) | {"c2pa_prompt": True})
    from_settings = signing_of(Settings(c2pa_key=signer.key), flags)
    assert from_settings is not None
    assert from_settings.algorithm == "es256"


@pytest.mark.parametrize("file_format", ["wav", "flac", "mp3"])
def test_a_mastered_file_tells_what_it_was_made_from(
    tmp_path: Path, signing: Signing, file_format: str
) -> None:
    source = tmp_path / f"mix.{file_format}"
    source.write_bytes(signed(signing, in_format(file_format), file_format))
    delivery = resolve_delivery(lufs=-20)
    for folder, who in (("unsigned", None), ("signed", signing)):
        jobs = plan_files([source], tmp_path / folder, delivery)
        (result,) = master_files(jobs, delivery, signing=who)
        assert isinstance(result, MasteredFile)
        assert result.warnings == ()
    media_type = MEDIA_TYPES[file_format]
    plain = (tmp_path / "unsigned" / source.name).read_bytes()
    with pytest.raises(c2pa.C2paError, match="ManifestNotFound"):
        manifest_in(plain, media_type)  # what was signed was another file
    manifest, state = manifest_in((tmp_path / "signed" / source.name).read_bytes(), media_type)
    assert state == "Valid"
    (parent,) = manifest["ingredients"]
    assert (parent["title"], parent["relationship"]) == (source.name, "parentOf")
    assert "active_manifest" in parent
    (assertion,) = manifest["assertions"]
    actions = [action["action"] for action in assertion["data"]["actions"]]
    assert actions == ["c2pa.opened", "c2pa.edited"]


def test_a_format_without_a_place_is_not_mastered_to_be_signed(
    tmp_path: Path, signing: Signing
) -> None:
    (tmp_path / "a.wav").write_bytes(in_format("wav"))
    delivery = resolve_delivery(file_format="ogg")
    with pytest.raises(UsageError, match="C2PA signs no ogg files"):
        master_files(
            plan_files([tmp_path / "a.wav"], tmp_path / "out", delivery), delivery, signing=signing
        )
