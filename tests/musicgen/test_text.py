from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")


@pytest.mark.parametrize("prompt", ["dark strings, tense", "", "a"])
def test_states_are_those_of_transformers_without_padding(engine, reference, prompt) -> None:
    own = reference("tiny")
    with torch.no_grad():
        expected = own.model.text_encoder(**own.tokens(prompt)).last_hidden_state[0]
    assert torch.allclose(engine("tiny").text(prompt), expected, atol=1e-5)


def test_an_empty_prompt_is_the_end_token_alone(engine) -> None:
    assert engine("tiny").text.tokens("") == [1]
