"""Presets by name: where they are looked for, and what extends what."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicgen_daw.errors import PresetError
from musicgen_daw.presets import Effect, PresetLibrary


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    places = {"sheet": tmp_path / "score" / "presets", "user": tmp_path / "user"}
    places["builtin"] = tmp_path / "builtin"
    for place in places.values():
        place.mkdir(parents=True)
    return places


@pytest.fixture
def library(folders: dict[str, Path]) -> PresetLibrary:
    score = folders["sheet"].parent
    return PresetLibrary(user=folders["user"], sheet=score, builtin=folders["builtin"])


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_sheets_own_preset_hides_the_users_and_the_users_the_built_in(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    for place in ("builtin", "user", "sheet"):
        write(folders[place], "calm", f"title = '{place}'")
        assert library.get("calm").title == place

    assert [(entry.name, entry.origin) for entry in library.list()] == [("calm", "sheet")]


@pytest.mark.parametrize("name", ["Tense-Strings", "tense_strings", " TENSE strings "])
def test_case_spaces_and_dashes_make_no_difference(
    name: str, library: PresetLibrary, folders: dict[str, Path]
) -> None:
    write(folders["user"], "tense-strings", "title = 'T'")

    assert library.get(name).name == "tense-strings"


def test_a_preset_adds_to_what_it_extends_table_by_table(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    write(
        folders["builtin"],
        "base",
        """
        negative = "vocals"
        [master]
        lufs = -20
        fade_out_ms = 100
        [stems.drums]
        gain_db = -3
        """,
    )
    write(
        folders["user"],
        "mine",
        """
        extends = "Base"
        [master]
        lufs = -16
        [stems.drums]
        mute = true
        """,
    )

    preset = library.get("mine")

    assert (preset.negative, preset.master.lufs, preset.master.fade_out_ms) == ("vocals", -16, 100)
    assert (preset.stems["drums"].gain_db, preset.stems["drums"].mute) == (-3, True)
    assert preset.said == {"master.lufs", "master.fade_out_ms"}


def test_a_chain_replaces_the_inherited_one(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    chain = "[[master.chain]]\neffect = 'Gain'\ngain_db = 1\n[[master.chain]]\neffect = 'Invert'\n"
    write(folders["builtin"], "base", chain)
    write(folders["user"], "same", "extends = 'base'")
    write(folders["user"], "other", "extends = 'base'\n[[master.chain]]\neffect = 'Chorus'")
    write(folders["user"], "none", "extends = 'base'\n[master]\nchain = []")

    assert library.get("same").master.chain == (Effect("Gain", {"gain_db": 1}), Effect("Invert"))
    assert library.get("other").master.chain == (Effect("Chorus"),)
    assert library.get("none").master.chain == ()


def test_a_preset_can_build_on_the_one_of_its_own_name_that_it_hides(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    write(folders["builtin"], "calm", "negative = 'drums'")
    write(folders["user"], "calm", "extends = 'calm'\ntitle = 'Mine'")
    write(folders["sheet"], "calm", "extends = 'calm'\ndescription = 'This score'")

    preset = library.get("calm")

    assert (preset.negative, preset.title, preset.description) == ("drums", "Mine", "This score")


def test_a_circle_is_told_link_by_link(library: PresetLibrary, folders: dict[str, Path]) -> None:
    for name, base in (("a", "b"), ("b", "c"), ("c", "a")):
        write(folders["user"], name, f"extends = '{base}'")

    with pytest.raises(PresetError, match="in a circle: a → b → c → a"):
        library.get("a")


def test_a_preset_that_extends_nothing_but_itself_is_a_circle(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    write(folders["user"], "a", "extends = 'a'")

    with pytest.raises(PresetError, match="a → a"):
        library.get("a")


def test_an_unknown_preset_is_told_with_the_nearest(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    write(folders["user"], "tense-strings", "")

    with pytest.raises(PresetError, match=r"'tense-string' \(did you mean 'tense-strings'\?"):
        library.get("tense-string")


def test_an_unknown_base_is_told_with_the_file_that_names_it(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    path = write(folders["user"], "mine", "extends = 'nowhere'")

    with pytest.raises(PresetError) as caught:
        library.get("mine")

    assert caught.value.path == path


def test_a_fault_is_told_in_the_file_that_has_it(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    path = write(folders["builtin"], "base", "[master]\nlufz = 3")
    write(folders["user"], "mine", "extends = 'base'")

    with pytest.raises(PresetError) as caught:
        library.get("mine")

    assert (caught.value.path, caught.value.place) == (path, "[master]")


def test_extends_must_be_a_name(library: PresetLibrary, folders: dict[str, Path]) -> None:
    write(folders["user"], "mine", "extends = 3")

    with pytest.raises(PresetError, match="extends must be the name of a preset"):
        library.get("mine")


def test_a_path_is_read_as_it_is_and_its_base_may_be_one_too(
    library: PresetLibrary, tmp_path: Path
) -> None:
    write(tmp_path, "base", "negative = 'drums'")
    path = write(tmp_path, "direct", "extends = './base.toml'\ntitle = 'Direct'")

    preset = library.get(str(path))

    assert (preset.name, preset.title, preset.negative) == ("direct", "Direct", "drums")


def test_a_file_that_is_no_text_is_told_with_the_byte(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    (folders["user"] / "latin.toml").write_bytes(b"title = '\xe9'")

    with pytest.raises(PresetError, match="byte 9: no UTF-8 text"):
        library.get("latin")


def test_a_missing_file_is_told(library: PresetLibrary, tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="can't be read"):
        library.get(str(tmp_path / "missing.toml"))


def test_sound_files_count_from_the_folder_of_the_preset_that_names_them(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    write(folders["builtin"], "base", "[generation]\nmelody = 'tune.wav'")
    write(folders["user"], "mine", "extends = 'base'\n[generation]\naudio_prompt = '/abs/a.wav'")

    generation = library.get("mine").generation

    assert generation.melody == str(folders["builtin"] / "tune.wav")
    assert generation.audio_prompt == "/abs/a.wav"


def test_folders_that_do_not_exist_hold_no_presets(tmp_path: Path) -> None:
    library = PresetLibrary(user=tmp_path / "a", sheet=tmp_path / "b", builtin=tmp_path / "c")

    assert library.list() == ()


def test_a_new_preset_can_be_used_at_once(library: PresetLibrary, folders: dict[str, Path]) -> None:
    write(folders["builtin"], "house", "negative = 'vocals'")

    path = library.new("My dark_thing")

    assert path == folders["user"] / "my-dark-thing.toml"
    preset = library.get("my dark thing")
    assert (preset.title, preset.negative) == ("My dark thing", "vocals")
    assert [entry.name for entry in folders["user"].iterdir()] == ["my-dark-thing.toml"]


def test_every_line_of_the_template_works_once_it_is_no_comment(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    write(folders["builtin"], "house", "")
    path = library.new("all", folders["sheet"])
    lines = path.read_text(encoding="utf-8").splitlines()
    settings = [line.removeprefix("# ") for line in lines if "=" in line or "[" in line]

    path.write_text("\n".join(settings), encoding="utf-8")

    preset = library.get("all")
    assert preset.generation.takes == 2
    assert preset.master.chain[0].effect == "HighpassFilter"
    assert list(preset.layers) == ["strings"]


def test_a_new_preset_never_takes_the_place_of_another(
    library: PresetLibrary, folders: dict[str, Path]
) -> None:
    write(folders["builtin"], "house", "")
    path = write(folders["user"], "mine", "title = 'Precious'")

    with pytest.raises(PresetError, match="File exists"):
        library.new("mine")

    assert path.read_text(encoding="utf-8") == "title = 'Precious'"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "-", "nul\0", "é"])
def test_a_name_that_can_name_no_file_is_refused(
    name: str, library: PresetLibrary, folders: dict[str, Path]
) -> None:
    write(folders["builtin"], "house", "")

    with pytest.raises(PresetError, match="can't name a preset"):
        library.new(name)


def test_a_new_preset_needs_a_base_that_there_is(library: PresetLibrary) -> None:
    with pytest.raises(PresetError, match="no preset 'hose'"):
        library.new("mine", extends="hose")


def test_a_folder_that_can_not_be_written_is_told(
    library: PresetLibrary, folders: dict[str, Path], tmp_path: Path
) -> None:
    write(folders["builtin"], "house", "")
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")

    with pytest.raises(PresetError, match="can't be written"):
        library.new("mine", blocked / "below")
