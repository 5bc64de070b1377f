"""Files of cue sheets, damaged as files are: cut short, mixed up, with absurd numbers.

A seed is a real-looking file. An edit knows lines, numbers and the signs of the formats, so that
what comes out is still understood in part and gets deep into a reader. The same edits make the
same bytes. Of an archive the members are edited, and it stays an archive.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

SEEDS = Path(__file__).parents[1] / "tests" / "cuesheets" / "seeds"

MAX_BYTES = 2**18
"""What would become larger is cut off here; sizes themselves are tested elsewhere."""

PIECES = (
    *(b"", b"\0", b"\n", b"\r\n", b"\t", b" ", b",", b";", b"|", b":", b"=", b"\\", b"/"),
    *(b'"', b"'", b"`", b"<", b">", b"</", b"/>", b"&", b"[", b"]", b"{", b"}", b"null", b"true"),
    *(b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\x80\x81", b"\xf0\x9f\x94\x92", b"<!DOCTYPE a>"),
    *(b"! ", b"!!", b"END", b"=END", b" end", b"A: ", b"[p]", b" bars=4", b" seed=1", b" x=y"),
    *(b"MARKER 1 1 x 1\n", b"PT 0 0 0 0\n", b"<TEMPOENVEX\n", b">\n", b"FCM: DROP FRAME\n"),
    *(b"|C: |M:x |D:9", b"* LOC: 01:00:00:00 x\n", b"00:00:00;01", b"01:02:03:04", b"5|1"),
    *(b"MTrk", b"\xff\x06\x01A", b"\xff\x51\x03\0\0\0", b"cue ", b"LIST", b"data", b"ltxt"),
)

NUMBERS = (
    *(b"0", b"-1", b"1", b"2", b"0.5", b"-0.0", b"1e9", b"1e999", b"nan", b"inf", b"-inf"),
    *(b"255", b"65535", b"65536", b"4294967295", b"99999999999999999999", b"0.000000001"),
    *(b"9" * 400, b"1/3", b"0x10", b"1_000", "٣".encode(), b"1,5", b"7" * 40 + b"." + b"7" * 40),
)

_NUMBER = re.compile(rb"\d+(?:\.\d+)?")


class Edit(NamedTuple):
    """One damage: which kind, and three numbers that say where and with what."""

    kind: str
    a: int
    b: int
    c: int


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True) or [b""]


def _replaced_number(content: bytes, edit: Edit) -> bytes:
    found = list(_NUMBER.finditer(content))
    if not found:
        return content
    number = found[edit.a % len(found)]
    return content[: number.start()] + NUMBERS[edit.b % len(NUMBERS)] + content[number.end() :]


def _swapped_numbers(content: bytes, edit: Edit) -> bytes:
    found = list(_NUMBER.finditer(content))
    if len(found) < 2:
        return content
    one, other = sorted({edit.a % len(found), edit.b % len(found)} | {0, 1})[-2:]
    first, second = found[one], found[other]
    between = content[first.end() : second.start()]
    return content[: first.start()] + second[0] + between + first[0] + content[second.end() :]


def _inserted(content: bytes, edit: Edit) -> bytes:
    at = edit.a % (len(content) + 1)
    return content[:at] + PIECES[edit.b % len(PIECES)] + content[at:]


def _overwritten(content: bytes, edit: Edit) -> bytes:
    at, piece = edit.a % (len(content) + 1), PIECES[edit.b % len(PIECES)]
    return content[:at] + piece + content[at + len(piece) :]


def _flipped(content: bytes, edit: Edit) -> bytes:
    if not content:
        return content
    at = edit.a % len(content)
    return content[:at] + bytes([content[at] ^ (1 << edit.b % 8)]) + content[at + 1 :]


def _cut(content: bytes, edit: Edit) -> bytes:
    at = edit.a % (len(content) + 1)
    return content[:at] + content[at + edit.b % 64 :]


def _cut_short(content: bytes, edit: Edit) -> bytes:
    return content[: edit.a % (len(content) + 1)]


def _line_repeated(content: bytes, edit: Edit) -> bytes:
    lines = _lines(content)
    at = edit.a % len(lines)
    return b"".join([*lines[:at], *[lines[at]] * (edit.b % 50), *lines[at:]])


def _line_moved(content: bytes, edit: Edit) -> bytes:
    lines = _lines(content)
    line = lines.pop(edit.a % len(lines))
    lines.insert(edit.b % (len(lines) + 1), line)
    return b"".join(lines)


def _stretch_repeated(content: bytes, edit: Edit) -> bytes:
    at = edit.a % (len(content) + 1)
    stretch = content[at : at + edit.b % 40]
    return content[:at] + stretch * (edit.c % 300) + content[at:]


def _other_line_ends(content: bytes, edit: Edit) -> bytes:
    return content.replace(b"\n", (b"\r\n", b"\r", b"\n\n", b"")[edit.a % 4])


def _encoded_again(content: bytes, edit: Edit) -> bytes:
    charset = ("utf-16", "utf-16-be", "utf-8-sig", "utf-32")[edit.a % 4]
    return content.decode("latin-1").encode(charset)


EDITS: dict[str, Callable[[bytes, Edit], bytes]] = {
    function.__name__.strip("_"): function
    for function in (
        *(_replaced_number, _swapped_numbers, _inserted, _overwritten, _flipped, _cut),
        *(_cut_short, _line_repeated, _line_moved, _stretch_repeated, _other_line_ends),
        _encoded_again,
    )
}


def mutated(seed: bytes, edits: Sequence[Edit]) -> bytes:
    """Return a file with all edits done, one after the other."""
    if not seed.startswith(b"PK") or not edits or edits[0].a % 8 == 0:
        return _edited(seed, edits)
    with zipfile.ZipFile(io.BytesIO(seed)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    chosen = sorted(members)[edits[0].b % len(members)]
    members[chosen] = _edited(members[chosen], edits)
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return rewritten.getvalue()


def _edited(content: bytes, edits: Sequence[Edit]) -> bytes:
    for edit in edits:
        content = EDITS[edit.kind](content, edit)[:MAX_BYTES]
    return content


def drawn(random: Random) -> list[Edit]:
    """Return some edits by chance, most often few."""
    kinds = tuple(EDITS)
    count = min(1 + int(random.expovariate(0.5)), 12)
    return [
        Edit(random.choice(kinds), *(random.getrandbits(32) for _ in "abc")) for _ in range(count)
    ]
