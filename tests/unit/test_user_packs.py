"""Language packs of users: from directories and installed packages; a fault in one is a sentence and ends nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import saaf
from saaf.cleaning import clean_text
from saaf.cleaning.phrases.pack_source import PackSource
from saaf.cleaning.phrases.user_packs import parse_user_packs
from saaf.cleaning.postprocess import apply_options, match_rule_ids
from saaf.corpus.build import build
from saaf.corpus.configuration import read_configuration
from saaf.corpus.inspection.replay import replay_document
from saaf.corpus.settings import BuildSettings
from saaf.corpus.user_packs import read_packs
from tests.fasttext_models import train

PROSE = (
    "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour, and "
    "some three hundred people had waited for it in the school."
)
PAGE = f"{PROSE}\nGrumbo the plumbus"
PACK = """language = "en"

[[rule]]
id = "en.grumbo"
kind = "share"
why = "A button of one site."
phrases = ["Grumbo the plumbus"]
removes = ["The ferry sailed.\\nGrumbo the plumbus"]
keeps = ["Grumbo the plumbus, they said, and left."]
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    packs = tmp_path / "packs"
    packs.mkdir()
    (packs / "en.toml").write_text(PACK, encoding="utf-8")
    return packs


def source(text: str, name: str = "en") -> PackSource:
    return PackSource(name=name, where=f"packs/{name}.toml", text=text)


def test_a_pack_removes_what_saafs_own_have_left() -> None:
    packs = parse_user_packs((source(PACK),))
    assert clean_text(PAGE).text == PAGE
    (found,) = apply_options(clean_text(PAGE), packs=packs)
    assert found.text == PROSE
    assert [removal.rule for removal in found.removals] == ["en.grumbo"]
    (kept,) = apply_options(clean_text(PAGE), packs=packs, keep=match_rule_ids(["en.grumbo"], packs))
    assert kept.text == PAGE


def test_packs_and_a_model_are_arguments_of_the_library(
    run: Callable[..., tuple[int, str, str]], directory: Path, tmp_path: Path
) -> None:
    packs = saaf.load_rules(directory)
    page = "".join(f"<p>{line}</p>" for line in PAGE.split("\n"))
    assert saaf.clean_text(PAGE, rules=packs).text == PROSE
    assert "Grumbo" not in saaf.clean_html(page, rules=packs).text
    assert saaf.clean_text(PAGE, rules=packs, keep=["en.grumbo"]).text == PAGE
    assert "Grumbo" not in saaf.clean(saaf.read(saaf.Page(url=None, body=page.encode())), rules=packs).text
    train(tmp_path / "tiny.bin", {"haw_Latn": ["the ferry sailed again"], "hin_Latn": ["mera bhai"]})
    model = saaf.load_language_model(tmp_path / "tiny.bin")
    assert saaf.clean_text(PAGE, lid=model).document.language.code in ("haw", "hi", "und")
    (directory / "de.toml").write_text("language = ", encoding="utf-8")
    with pytest.warns(UserWarning, match=r"de\.toml was not applied"):
        saaf.load_rules(directory)
    with pytest.raises(TypeError, match=r"rules=saaf\.load_rules\('packs/'\)"):
        saaf.clean_text(PAGE, rules=str(directory))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"lid=saaf\.load_language_model"):
        saaf.clean_text(PAGE, lid="tiny.bin")  # type: ignore[arg-type]
    (tmp_path / "a.txt").write_text(PAGE, encoding="utf-8")
    saaf.build([tmp_path / "a.txt"], tmp_path / "out", rules=packs, workers=0, min_tokens=0)
    _, out, _ = run("replay", tmp_path / "out", "a.txt", "--input", tmp_path / "a.txt")
    assert "by en.grumbo: Grumbo the plumbus" in out
    assert "note        the corpus was cleaned with packs of your own too (en)" in out


def test_a_replay_applies_packs_from_an_option_or_saaf_toml_and_says_how_they_differ_from_those_of_the_build(
    run: Callable[..., tuple[int, str, str]], directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(PAGE, encoding="utf-8")
    saaf.build([Path("a.txt")], Path("out"), rules=saaf.load_rules(directory), workers=0, min_tokens=0)
    code, out, err = run("replay", "out", "a.txt", "--rules", directory)
    assert (code, err) == (0, "")
    assert "cleaned     the same removals" in out
    assert "note" not in out
    Path("saaf.toml").write_text('rules = ["packs"]', encoding="utf-8")
    assert run("replay", "out", "a.txt")[1] == out, "the packs that the configuration names"
    (directory / "en.toml").write_text(PACK.replace('["Grumbo the plumbus"]', '["Zorblax"]', 1), encoding="utf-8")
    found = json.loads(run("replay", "out", "a.txt", "--json")[1])
    assert (found["packs"], found["packs_not_applied"], found["further_packs"]) == (["en"], ["en"], ["en"])
    assert [step["rule"] for step in found["reread"]["missing"]] == ["en.grumbo"], "what the changed pack would leave"
    changed = run("replay", "out", "a.txt")[1]
    assert "name their directory with --rules" in changed
    assert "the corpus was not cleaned with these packs of your own, or they were others: en" in changed
    code, _, err = run("replay", "out", "a.txt", "--rules", "nowhere")
    assert (code, "nowhere is no directory" in err) == (2, True)
    Path("saaf.toml").unlink()
    saaf.build([Path("a.txt")], Path("kept"), rules=(source(PACK),), keep=("en.*",), workers=0, min_tokens=0)
    (directory / "en.toml").write_text(PACK, encoding="utf-8")
    assert "cleaned     the same removals" in run("replay", "kept", "a.txt", "--rules", directory)[1]


def test_where_a_pack_would_leave_nothing_it_removes_nothing() -> None:
    (found,) = apply_options(clean_text("Grumbo the plumbus"), packs=parse_user_packs((source(PACK),)))
    assert found.text == "Grumbo the plumbus"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("language = ", "is not valid TOML"),
        (PACK.replace('"en"', '"de"', 1), 'must begin with language = "en"'),
        (PACK.replace("share", "sharing"), "kind 'sharing' is unknown"),
        (PACK.replace("why", "because"), "why missing"),
        (PACK.replace('["Grumbo the plumbus"]', '"Grumbo the plumbus"', 1), "phrases is a list of texts"),
        (PACK.replace('["Grumbo the plumbus"]', "[3]", 1), "phrases is a list of texts"),
        (PACK.replace("[[rule]]", "[rule]"), "must be tables"),
        (PACK + "weak = 1\n", "weak is true or false"),
        (PACK.replace("en.grumbo", "en.share"), "en.share is the id of another rule"),
    ],
)
def test_a_fault_is_a_sentence_and_the_other_packs_are_applied(text: str, told: str) -> None:
    other = source(PACK.replace('"en', '"de'), "de")
    packs = parse_user_packs((source(text), other))
    (fault,) = packs.faults
    assert told in fault
    assert fault.startswith("the pack packs/en.toml was not applied: ")
    assert "Error" not in fault
    (found,) = apply_options(clean_text(PAGE), packs=packs)
    assert found.text == PROSE
    assert found.flags == ("pack_not_applied",)
    hindi = "शुक्रवार को पुल दो साल की मरम्मत के बाद फिर से खोल दिया गया, नगर परिषद ने बताया।"
    assert not next(apply_options(clean_text(hindi), packs=packs)).flags


def test_what_cannot_be_read_is_a_fault_too(directory: Path) -> None:
    (directory / "hi.toml").write_bytes(b"\xff\xfe\xff")
    (directory / "ur.toml").symlink_to(directory / "nowhere")
    faults = parse_user_packs(read_packs([directory], installed=())).faults
    assert [fault.partition(": ")[2] for fault in faults] == [
        "it is not UTF-8; save it as that.",
        "it cannot be read (No such file or directory).",
    ]


@pytest.mark.parametrize("name", ["missing", "packs/en.toml", "empty"])
def test_a_directory_that_is_none_is_told_before_anything_starts(directory: Path, name: str) -> None:
    (directory.parent / "empty").mkdir()
    with pytest.raises(ValueError, match=r"(missing|en.toml|empty) (is no directory|holds no pack): "):
        read_packs([directory.parent / name])


def test_installed_packages_bring_packs(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(directory.parent))
    (directory / "__init__.py").touch()
    points = [EntryPoint(name=name, value=name, group="saaf.rules") for name in ("packs", "not_installed_here")]
    packs = parse_user_packs(read_packs((), installed=points))
    assert [rule.id for rule in packs.rules] == ["en.grumbo"]
    (fault,) = packs.faults
    assert fault.startswith("not_installed_here (entry point not_installed_here) has no packs that can be read")


def test_a_build_applies_them_in_any_number_of_workers_and_records_them(directory: Path, tmp_path: Path) -> None:
    text = tmp_path / "page.txt"
    text.write_text(PAGE, encoding="utf-8")
    (directory / "ur.toml").write_text("language = ", encoding="utf-8")
    sources = read_packs([directory], installed=())
    for workers, name in ((0, "none"), (1, "one")):
        build([text], tmp_path / name, settings=BuildSettings(rules=sources, workers=workers))
    none, one = (next((tmp_path / name / "data").rglob("*.parquet")) for name in ("none", "one"))
    assert none.read_bytes() == one.read_bytes()
    assert pq.read_table(none)["text"].to_pylist() == [PROSE]
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    assert manifest["settings"]["rules"] == [{"language": each.name, "sha256": each.digest} for each in sources]
    replayed = replay_document(tmp_path / "one", pq.read_table(one)["id"][0].as_py(), manifest, [text])
    assert replayed is not None
    assert replayed.reread is not None
    assert replayed.reread.same_text
    assert replayed.reread.same_removals  # of saaf's own rules: the packs are not at hand


def test_the_command_applies_them_and_saaf_toml_names_them(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    (directory / "ur.toml").write_text("language = ", encoding="utf-8")
    (tmp_path / "saaf.toml").write_text('rules = ["packs"]\n', encoding="utf-8")
    assert read_configuration(tmp_path / "saaf.toml").values == {"rules": ["packs"]}
    command = [sys.executable, "-m", "saaf.cli.app", "clean", "page.txt"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=tmp_path, env=environment)
    assert done.stdout == f"{PROSE}\n"
    assert "the pack packs/ur.toml was not applied" in done.stderr.replace("\n", " ")
