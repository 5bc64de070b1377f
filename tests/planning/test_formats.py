"""Which file formats hold which sound: what planning refuses is what can't be written."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from musicgen_daw.audio import Audio
from musicgen_daw.audio.codecs import FORMATS, encode
from musicgen_daw.audio.quantise import quantise
from musicgen_daw.errors import AudioError, PlanError, SettingsError
from musicgen_daw.planning import PlanOptions
from musicgen_daw.planning.options import resolve_output
from musicgen_daw.settings import BIT_DEPTHS, BitDepth, Settings

RATES = (8_000, 11_025, 22_050, 37_800, 44_100, 48_000, 65_535, 65_536, 88_200, 96_000, 192_000)


def can_plan(studio: Any, file_format: str, bit_depth: BitDepth, sample_rate: int) -> bool:
    flags = PlanOptions(file_format=file_format, bit_depth=bit_depth, sample_rate=sample_rate)
    try:
        resolve_output(studio.sheet(), flags, PlanOptions())
    except PlanError:
        return False
    return True


def can_write(file_format: str, bit_depth: BitDepth, sample_rate: int) -> bool:
    silence = Audio(np.zeros((2, 4_800), np.float32), sample_rate)
    try:
        encode(quantise(silence, bit_depth, 0), file_format, io.BytesIO())
    except AudioError:
        return False
    return True


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("bit_depth", BIT_DEPTHS)
def test_what_can_be_planned_can_be_written(studio: Any, file_format: str, bit_depth: Any) -> None:
    planned = [can_plan(studio, file_format, bit_depth, rate) for rate in RATES]
    assert planned == [can_write(file_format, bit_depth, rate) for rate in RATES]


def test_wav_holds_everything(studio: Any) -> None:
    assert all(can_plan(studio, "wav", depth, rate) for depth in BIT_DEPTHS for rate in RATES)


def test_the_sheet_says_how_files_are_written_and_a_flag_says_it_louder(studio: Any) -> None:
    sheet = studio.sheet(bit_depth="16", file_format="flac")
    nothing, settings = PlanOptions(), PlanOptions(bit_depth="24", file_format="ogg")
    output = resolve_output(sheet, nothing, settings)
    assert (output.bit_depth, output.file_format) == ("16", "flac")
    output = resolve_output(sheet, PlanOptions(file_format="aiff"), settings)
    assert (output.bit_depth, output.file_format) == ("16", "aiff")


def test_a_frame_rate_of_no_video_is_the_settings_fault() -> None:
    with pytest.raises(SettingsError, match="fps: unknown frame rate '99'"):
        PlanOptions.from_settings(Settings(fps="99"))
