"""Prompt templates: what is filled in, what is dropped, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_daw.presets.prompt import PROMPT_FIELDS, Template


def fill(template: str, **values: str) -> str:
    return Template.parse(template).fill(values)


def test_fields_are_filled_in() -> None:
    told = fill("tense {style}, {bpm} bpm, {key}", style="strings", bpm="92", key="D minor")

    assert told == "tense strings, 92 bpm, D minor"


def test_a_clause_whose_field_has_no_value_is_dropped_whole() -> None:
    assert fill("strings, at {bpm} bpm, in {key}, low", key="E minor") == "strings, in E minor, low"


def test_an_empty_value_is_no_value() -> None:
    assert fill("{prompt}, drones", prompt="  ") == "drones"


def test_a_template_without_any_value_is_empty() -> None:
    assert fill("{prompt}, {key}") == ""


def test_doubled_braces_are_braces() -> None:
    assert fill("{{loud}} {name} {{{key}}}", name="Chase", key="C") == "{loud} Chase {C}"


@pytest.mark.parametrize(
    "hostile", ["{bpm}", "{{", "}", "{0.__class__}", "{prompt}, {prompt}", "%s"]
)
def test_what_a_cue_says_is_never_read_as_a_template(hostile: str) -> None:
    assert fill("{prompt}, {bpm} bpm", prompt=hostile, bpm="90") == f"{hostile}, 90 bpm"


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(PROMPT_FIELDS), st.text(min_size=1)))
def test_every_value_stands_in_the_text_as_it_is(values: dict[str, str]) -> None:
    told = fill(", ".join(f"<{{{name}}}>" for name in PROMPT_FIELDS), **values)

    for value in values.values():
        assert not value.strip() or f"<{value.strip()}>" in told


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{bmp} bpm", "unknown field {bmp} in '{bmp} bpm' (did you mean 'bpm'?)"),
        ("{}", "unknown field {}"),
        ("{key!r}", "unknown field {key!r}"),
        ("{prompt.__class__}", "unknown field {prompt.__class__}"),
        ("{name[0]}", "unknown field {name[0]}"),
        ("{bpm", "a single '{'"),
        ("bpm}", "a single '}'"),
    ],
)
def test_a_broken_template_is_refused(template: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        Template.parse(template)

    assert reason in str(caught.value)
