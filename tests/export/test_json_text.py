"""JSON with an indentation."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.export.json_text import indented

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)  # fmt: skip


@given(VALUES)
def test_it_is_what_the_standard_library_writes(value: object) -> None:
    assert indented(value) == json.dumps(value, indent=2)


def test_what_json_can_not_tell_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        indented({"a": [float("nan")]})
