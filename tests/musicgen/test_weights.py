"""Both published layouts, and files that are not what they should be."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the engine needs the extra 'musicgen'")
pytest.importorskip("transformers", reason="the engine needs the extra 'musicgen'")

from musicgen_daw.errors import BackendError  # noqa: E402
from musicgen_daw.musicgen.engine import Engine, Passage  # noqa: E402
from musicgen_daw.musicgen.sampling import Sampling  # noqa: E402
from musicgen_daw.musicgen.weights import load  # noqa: E402

ASKED = [Passage("dark strings", 12, seed=1, sampling=Sampling(top_k=1))]


def same_music(checkpoint, engine, name: str) -> bool:
    """Tell whether a checkpoint gives the tokens and the sound of the plain one."""
    other, own = Engine(checkpoint), engine(name)
    (_, codes), (_, expected) = next(other.generate(ASKED)), next(own.generate(ASKED))
    return torch.equal(codes, expected) and torch.equal(
        other.codec.decode(codes), own.codec.decode(codes)
    )


@pytest.fixture
def folder(reference, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint, to be spoilt."""
    return Path(shutil.copytree(reference("tiny").folder, tmp_path / "checkpoint"))


@pytest.mark.parametrize("as_bin", [False, True], ids=["safetensors", "bin"])
@pytest.mark.parametrize("shard", ["50GB", "2MB"], ids=["whole", "shards"])
def test_every_form_of_the_transformers_layout_gives_the_same_music(
    checkpoints, reference, engine, tmp_path, shard, as_bin
) -> None:
    checkpoints.save(reference("tiny").model, tmp_path, shard=shard, as_bin=as_bin)
    files = sorted(path.name for path in tmp_path.glob("*.index.json"))
    assert files == ([] if shard == "50GB" else [f"{_stem(as_bin)}.index.json"])
    assert same_music(load(tmp_path), engine, "tiny")


def _stem(as_bin: bool) -> str:
    return "pytorch_model.bin" if as_bin else "model.safetensors"


@pytest.mark.parametrize("name", ["tiny", "tiny-stereo", "tiny-melody"])
def test_the_layout_of_audiocraft_gives_the_same_music(
    checkpoints, reference, engine, tmp_path, name
) -> None:
    checkpoints.save_audiocraft(reference(name).model, tmp_path)
    assert same_music(load(tmp_path, tmp_path / "t5"), engine, name)


def test_half_precision_files_are_played_in_full_precision(folder: Path, engine) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    save_file({name: tensor.half() for name, tensor in load_file(path).items()}, path)
    checkpoint = load(folder)
    assert all(tensor.dtype == torch.float32 for tensor in checkpoint.codec.values())
    assert next(Engine(checkpoint).generate(ASKED))[1].shape == (4, 12)


def refusal(folder: Path, text_folder: Path | None = None) -> str:
    """Return the words in which a checkpoint is refused, wherever that happens."""
    with pytest.raises(BackendError) as error:
        Engine(load(folder, text_folder))
    return str(error.value)


def test_a_file_that_was_cut_off_is_named(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])
    assert refusal(folder).startswith(f"{path}: damaged or cut off")


def test_a_file_that_goes_on_too_long_is_named(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes() + b"\0" * 1000)
    assert refusal(folder).startswith(f"{path}: damaged or cut off")


def test_a_file_much_too_large_for_its_configuration_is_not_opened(folder: Path) -> None:
    path = folder / "model.safetensors"
    with path.open("r+b") as file:
        file.truncate(5 * 1024**3)  # a hole: it takes no room
    assert "5.37 GB, where its configuration tells of a model of at most" in refusal(folder)


@pytest.mark.parametrize("content", [b"", b"not a file of weights", b"\x80\x02}q\x00."])
@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_other_content_is_refused(folder: Path, name: str, content: bytes) -> None:
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(content)
    words = refusal(folder)
    assert str(folder) in words or "lacks" in words


class Boom:
    """What would write a file if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_a_pickle_is_never_executed(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").unlink()
    for write in (
        torch.save,
        lambda what, where: where.write_bytes(pickle.dumps(what, protocol=2)),
    ):
        write({"x": Boom(tmp_path / "boom")}, folder / "pytorch_model.bin")
        assert "pytorch_model.bin" in refusal(folder)
        assert not (tmp_path / "boom").exists()


def test_a_missing_shard_is_named(checkpoints, reference, tmp_path: Path) -> None:
    checkpoints.save(reference("tiny").model, tmp_path, shard="2MB")
    gone = sorted(tmp_path.glob("model-*.safetensors"))[1]
    gone.unlink()
    assert refusal(tmp_path).startswith(f"{gone}: the shard is missing")


@pytest.mark.parametrize("name", ["../model.safetensors", "/model.safetensors", "..", ""])
def test_an_index_that_points_elsewhere_is_refused(folder: Path, name: str) -> None:
    (folder / "model.safetensors").unlink()
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": name}}))
    assert "is not beside it" in refusal(folder)


def test_the_files_of_two_models_are_not_mixed(folder: Path, reference) -> None:
    shutil.copy(reference("tiny-stereo").folder / "config.json", folder)
    assert "the checkpoint lacks" in refusal(folder)
    config = json.loads((reference("tiny").folder / "config.json").read_text())
    config["decoder"]["ffn_dim"] = 512
    (folder / "config.json").write_text(json.dumps(config))
    assert "fc1.weight has the shape (256, 128)" in refusal(folder)


def test_a_weight_that_no_musicgen_has_is_refused(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    extra = {"decoder.model.decoder.layers.0.fc1.bias": torch.zeros(256)}
    save_file(load_file(path) | extra, path)
    assert "layers.0.fc1.bias is a weight that no known MusicGen has" in refusal(folder)


@pytest.mark.parametrize("part", ["text_encoder.encoder.block.0.", "audio_encoder.decoder."])
def test_weights_missing_from_another_part_are_told(folder: Path, part: str) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    save_file({k: v for k, v in load_file(path).items() if not k.startswith(part)}, path)
    assert "don't fit its configuration" in refusal(folder)


def test_a_folder_without_tokenizer_is_told(folder: Path) -> None:
    for path in folder.glob("tokenizer*"):
        path.unlink()
    assert f"{folder}: has neither tokenizer.json nor spiece.model" in refusal(folder)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model_type": "llama"}, "model_type is 'llama'"),
        ({"decoder": 3}, "has no table 'decoder'"),
        ({"decoder": {"num_hidden_layers": 10**9}}, "num_hidden_layers is 1000000000"),
        ({"decoder": {"hidden_size": "wide"}}, "hidden_size is 'wide'"),
        ({"decoder": {"activation_function": "relu"}}, "activation_function is 'relu'"),
        ({"decoder": {"scale_embedding": True}}, "scale_embedding is True"),
        ({"decoder": {"num_attention_heads": 7}}, "does not divide into 7 heads"),
        ({"text_encoder": {"model_type": "bert"}}, "must be a T5"),
        ({"text_encoder": {"model_type": "t5"}}, "does not tell its d_model"),
        ({"audio_encoder": {"model_type": "encodec"}}, "does not tell its sampling_rate"),
    ],
)
def test_a_wrong_configuration_is_told(folder: Path, values, words: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    for key, value in values.items():
        is_part = key == "decoder" and isinstance(value, dict)
        config[key] = config[key] | value if is_part else value
    (folder / "config.json").write_text(json.dumps(config))
    assert words in refusal(folder)


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000])
def test_a_configuration_that_is_no_table_is_refused(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    assert refusal(folder).startswith(str(folder / "config.json"))


def test_a_folder_without_checkpoint_is_told(tmp_path: Path) -> None:
    assert "has none of model.safetensors" in refusal(tmp_path)
    assert "is no folder" in refusal(tmp_path / "nowhere")
    (tmp_path / "model.safetensors").touch()
    assert "config.json: can't be read: No such file" in refusal(tmp_path)


def test_audiocraft_without_a_text_encoder_is_told_what_it_needs(
    checkpoints, reference, tmp_path: Path
) -> None:
    checkpoints.save_audiocraft(reference("tiny").model, tmp_path)
    assert "name the folder of a T5-base" in refusal(tmp_path)
    torch.save({"pretrained": "elsewhere"}, tmp_path / "compression_state_dict.bin")
    assert "only names another model, 'elsewhere'" in refusal(tmp_path, tmp_path / "t5")
