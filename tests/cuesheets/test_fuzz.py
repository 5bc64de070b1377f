"""Damaged files: whatever the bytes, a sheet comes out or one clear error."""

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.cuesheets import SheetOptions, readers
from musicgen_daw.cuesheets.sidecar import parse as parse_toml
from musicgen_daw.errors import CueSheetError
from musicgen_daw.timeline import CueSheet

ROOT = Path(__file__).parents[2]


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


mutations = loaded("mutations")

SEEDS = sorted(path.name for path in mutations.SEEDS.iterdir())
TOLD = parse_toml("tempo = 120\nfps = '25'\nrate = 48000\n")
OPTIONS = (
    SheetOptions(),
    TOLD,
    parse_toml("fps = '29.97df'\n"),
    parse_toml("fps = '29.97df'\ntimecode_start = '01:00:00;00'\nmeter = '3/4'\n"),
)


def seed_of(name):
    return (mutations.SEEDS / name).read_bytes()


def reader_of(content):
    return next(reader for reader in readers() if reader.recognises(content))


def outcome(content, reader, options=TOLD):
    """Return the sheet or the error, having looked at either."""
    try:
        sheet = reader.parse(content, options)
    except CueSheetError as error:
        said = str(error)
        told = error
    else:
        assert sheet.cues
        said, told = "", sheet
    assert "\n" not in said
    assert len(said) < 2000
    return told


@pytest.mark.parametrize("name", SEEDS)
def test_each_seed_is_a_sheet_as_it_is(name):
    content = seed_of(name)
    reader = reader_of(content)
    assert CueSheet in [type(outcome(content, reader, told)) for told in OPTIONS]


def test_each_reader_has_a_seed():
    found = {reader_of(seed_of(name)).name for name in SEEDS}
    assert found == {reader.name for reader in readers()}


edits = st.lists(
    st.builds(
        mutations.Edit,
        st.sampled_from(sorted(mutations.EDITS)),
        *[st.integers(0, 2**32 - 1)] * 3,
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("name", SEEDS)
@given(edits=edits, options=st.sampled_from(OPTIONS))
@settings(max_examples=40)
def test_a_damaged_file_is_a_sheet_or_one_clear_error(name, edits, options):
    seed = seed_of(name)
    outcome(mutations.mutated(seed, edits), reader_of(seed), options)


@given(name=st.sampled_from(SEEDS), edits=edits)
def test_no_file_is_too_damaged_to_be_looked_at(name, edits):
    content = mutations.mutated(seed_of(name), edits)
    assert {type(reader.recognises(content)) for reader in readers()} == {bool}


@given(st.sampled_from(SEEDS), st.binary(max_size=200))
def test_no_reader_minds_what_it_is_given(name, content):
    outcome(content, reader_of(seed_of(name)))
