"""The manifest."""

import json
import math
from dataclasses import replace

import pytest

from musicgen_daw.export import manifest
from musicgen_daw.session import Session


def test_each_stem_tells_what_was_asked_and_measured(session: Session) -> None:
    cues = json.loads(manifest.encode(session))["cues"]
    mix, drums = cues[0]["takes"][0]["stems"]
    assert mix == {
        "name": "mix",
        "path": "stems/1M1 Chase/1M1 Chase_t1_mix.wav",
        "sha256": "ab" * 32,
        "channels": 2,
        "seconds": 4,
        "asked_lufs": -18.0,
        "measured_lufs": -18.0,
        "asked_ceiling_dbtp": None,
        "measured_true_peak_dbtp": -1.04,
        "licence": "CC0-1.0",
    }
    assert (drums["measured_lufs"], drums["measured_true_peak_dbtp"]) == (None, None)


def test_each_cue_tells_its_request_what_was_understood_and_its_takes(session: Session) -> None:
    chase, calm = json.loads(manifest.encode(session))["cues"]
    assert chase["request"] == {
        "preset": "action-hybrid",
        "prompt": "brass stabs, relentless",
        "backend": "sketch",
        "asked": {"lufs": -18.0},
    }
    assert chase["understood"] == {"style": "hybrid"}
    assert chase["timecode"] == "10:00:00:00"
    assert [(take["take"], take["verdict"]) for take in chase["takes"]] == [(1, None), (2, "keep")]
    assert chase["takes"][0]["clips"] == [
        {
            "layer": "",
            "start_s": "0",
            "key": "k1",
            "request": {"backend": "sketch", "model": None, "prompt": "brass", "seed": 12},
            "facts": {"cost_usd": "0.04", "request_id": "job-1"},
        }
    ]
    assert calm["start_samples"] == 288_000


@pytest.mark.parametrize("level", [-math.inf, math.nan, None])
def test_an_undefined_level_is_null(session: Session, level: float | None) -> None:
    placed = session.cues[0]
    stem = replace(placed.stems[0], integrated_lufs=level)
    silent = replace(session, cues=(replace(placed, stems=(stem,)),))
    text = manifest.encode(silent)
    assert json.loads(text)["cues"][0]["takes"][0]["stems"][0]["measured_lufs"] is None


def test_the_manifest_is_stable_and_ascii(session: Session) -> None:
    cue = replace(session.cues[0], facts={"b": "\x9b\u202eß", "a": "1"})
    other = replace(session.cues[0], facts={"a": "1", "b": "\x9b\u202eß"})
    texts = [manifest.encode(replace(session, cues=(placed,))) for placed in (cue, other)]
    assert texts[0] == texts[1]
    assert texts[0].isascii()
    assert json.loads(texts[0])["cues"][0]["takes"][0]["facts"] == {"a": "1", "b": "\x9b\u202eß"}
