"""A fastText model of the user's names the languages, and a file that cannot be used is one sentence."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from saaf.cleaning.text.fasttext_file import ModelFile, ModelFileError, language_of_label, read_language_model
from saaf.cleaning.text.fasttext_identifier import load_identifier
from saaf.cleaning.types import Language
from saaf.corpus.build import build
from saaf.corpus.settings import BuildSettings
from saaf.extras import NotInstalledError
from tests.fasttext_models import train

FERRY = "the ferry to the outer islands sailed again on tuesday five days after the storm had closed the harbour"
HINDI = "main aaj bahut khush hoon kyunki mera bhai ghar aa raha hai aur hum sab milkar khana khayenge"
TEXTS = {"eng_Latn": [FERRY], "hin_Latn": [HINDI], "xyz_Latn": ["wubba lubba dub dub grumbo plumbus"]}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("lid") / "tiny.bin", TEXTS)


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("__label__hin_Deva", ("hi", "Deva")),
        ("__label__hi", ("hi", None)),
        ("__label__arb_Arab", ("ar", "Arab")),
        ("__label__cmn_Hani", ("zh", "Hani")),
        ("__label__arz_Arab", ("arz", "Arab")),
        ("pt-BR", ("pt", None)),
        ("__label__und_Latn", None),
        ("__label__zxx", None),
        ("__label__spam", None),
        ("__label__", None),
    ],
)
def test_labels_are_codes_and_scripts(label: str, found: tuple[str, str | None] | None) -> None:
    assert language_of_label(label) == found


def test_a_model_names_what_it_has_learned(model: Path) -> None:
    identify = load_identifier(read_language_model(model)).identify
    english = identify("the storm had closed the harbour\nand the ferry sailed")
    assert (english.code, english.script, english.guesses) == ("en", "Latn", ())
    assert 0.5 < english.score <= 1
    assert identify("mera bhai ghar aa raha hai") == identify("mera  bhai ghar\naa raha hai")
    assert identify("mera bhai ghar aa raha hai").code == "hi"
    assert identify("wubba lubba dub dub").code == "xyz"


def test_what_it_is_not_sure_of_is_unknown_with_guesses(tmp_path: Path) -> None:
    four = {code: ["one two", f"only{number}"] for number, code in enumerate(("de", "fr", "it", "nl"))}
    unsure = load_identifier(read_language_model(train(tmp_path / "four.bin", four))).identify("one two one two")
    assert (unsure.code, unsure.script) == ("und", "Latn")
    assert [code for code, _ in unsure.guesses] == sorted(code for code, _ in unsure.guesses)
    assert len(unsure.guesses) == 3
    assert unsure.score == unsure.guesses[0][1] < 0.3


@pytest.mark.parametrize("text", ["", "12 + 3", "\n\0"])
def test_a_text_without_letters_is_in_no_language(model: Path, text: str) -> None:
    nothing = Language(code="und", script="Zyyy", score=0.0)
    assert load_identifier(read_language_model(model)).identify(text) == nothing


def broken(model: Path, kind: str) -> bytes:
    """Return the bytes of a model with a fault."""
    whole = model.read_bytes()
    if kind == "cut off":
        return whole[:-4]
    if kind == "cut in the dictionary":
        return whole[:140]
    if kind == "longer":
        return whole + b"\0"
    if kind == "another version":
        return whole[:4] + struct.pack("<i", 99) + whole[8:]
    if kind == "negative":
        return whole[:64] + struct.pack("<i", -7) + whole[68:]
    return {"empty": b"", "html": b"<html>404 Not Found</html>"}[kind]


@pytest.mark.parametrize(
    "kind", ["cut off", "cut in the dictionary", "longer", "another version", "negative", "empty", "html"]
)
def test_a_file_that_is_no_whole_model_is_refused_in_a_sentence(model: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "broken.bin"
    path.write_bytes(broken(model, kind))
    with pytest.raises(ModelFileError, match=str(path)) as told:
        read_language_model(path)
    assert "Error" not in str(told.value)
    assert "\n" not in str(told.value)


def test_models_of_words_or_of_no_languages_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="model of words"):
        read_language_model(train(tmp_path / "words.bin", TEXTS, model=1))
    with pytest.raises(ModelFileError, match="names no languages"):
        read_language_model(train(tmp_path / "spam.bin", {"spam": ["buy now"], "other": ["hello"]}))
    with pytest.raises(ModelFileError, match="No such file"):
        read_language_model(tmp_path / "missing.bin")


def test_without_the_extra_one_is_told_what_to_install(model: Path) -> None:
    with pytest.raises(
        NotInstalledError, match=r"needs the package fasttext-predict: install it with `pip install .*\[lid\]'?`"
    ):
        read_language_model(model, library="not_installed_here")


def test_a_model_that_was_replaced_meanwhile_is_not_used(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(model.read_bytes())
    file = read_language_model(path)
    path.write_bytes(b"shorter")
    with pytest.raises(ModelFileError, match="not the file"):
        load_identifier(file)


def settings(lid: ModelFile | None, workers: int = 0, languages: tuple[str, ...] = ()) -> BuildSettings:
    return BuildSettings(lid=lid, workers=workers, min_tokens=5, languages=languages, paragraph_languages=True)


def test_a_build_with_a_model_takes_its_languages_and_records_it(model: Path, tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    (inputs / "hindi.txt").write_text(f"{HINDI}\n{HINDI[:50]}", encoding="utf-8")
    (inputs / "other.txt").write_text("wubba lubba dub dub grumbo plumbus wubba lubba", encoding="utf-8")
    lid = read_language_model(model)
    build([inputs], tmp_path / "out", settings=settings(lid))
    rows = {
        row["file_path"].rpartition("/")[2]: row
        for path in (tmp_path / "out" / "data").rglob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    }
    assert (rows["hindi.txt"]["language"], rows["hindi.txt"]["language_script"]) == ("hi", "Latn")
    assert rows["other.txt"]["language"] == "xyz"
    assert (tmp_path / "out" / "data" / "xyz_Latn").is_dir()
    assert {one["language"] for one in rows["hindi.txt"]["paragraph_languages"]} == {"hi"}
    recorded = json.loads((tmp_path / "out" / "manifest.json").read_text())["settings"]["lid"]
    assert recorded == {"file": "tiny.bin", "sha256": lid.digest}
    build([inputs], tmp_path / "one", settings=settings(lid, workers=1, languages=("xyz",)))
    assert [path.name for path in (tmp_path / "one" / "data").iterdir()] == ["xyz_Latn"]


def test_the_command_takes_the_file_from_an_option_or_the_environment(model: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(HINDI, encoding="utf-8")
    command = [sys.executable, "-m", "saaf.cli.app", "clean", str(text), "-f", "jsonl"]
    found = subprocess.run([*command, "--lid", str(model)], capture_output=True, check=True, text=True).stdout
    assert json.loads(found)["language"] == "hi"
    missing = {"PATH": "/usr/bin:/bin", "SAAF_LID": "missing.bin", "PYTHONPATH": ":".join(sys.path)}
    refused = subprocess.run(command, capture_output=True, check=False, text=True, env=missing)
    assert refused.returncode == 2
    assert "missing.bin cannot be read" in refused.stderr.replace("\n", " ")
    assert "Traceback" not in refused.stderr


def test_a_model_of_no_numbers_names_nothing(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "nan.bin"
    content = model.read_bytes()
    labels = 3 * 3 * 4  # the bytes of the matrix of three labels, at the end
    path.write_bytes(content[:-labels] + struct.pack("<f", float("nan")) * 9)
    found = load_identifier(read_language_model(path)).identify(FERRY)
    assert (found.code, found.script, found.score) == ("und", "Latn", 0.0)
