"""What the commands refuse to replace or to believe, with the exit code and the sentence that says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from saaf.cleaning.text.language import identifiable_codes, identify
from saaf.corpus.exit_codes import Exit
from tests.corpora import corpus_table

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

PAGE = "<html><body>" + "<p>ገበሬዎች በዚህ ዓመት ጥሩ ምርት እንደሚጠብቁ ለዜና ወኪል ተናገሩ።</p>" * 3 + "</body></html>"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("amharic", "am (Amharic)"),
        ("amh_ethi", "am (Amharic)"),
        ("arz", "ar (Arabic)"),
        ("አማርኛ", "am (Amharic)"),
        ("HI", "hi (Hindi)"),
        ("hi-IN", "hi (Hindi)"),
        ("Gujrati", "gu (Gujarati)"),
        ("bengali", "bn (Bangla)"),
        ("farsi", "fa (Persian)"),
    ],
)
def test_a_language_that_is_no_code_is_met_with_the_near_ones(
    run: Run,
    tmp_path: Path,
    page: Path,
    given: str,
    meant: str,
) -> None:
    code, out, err = run("build", page, "-o", tmp_path / "out", "-l", "ur", "-l", given)
    assert (code, out) == (Exit.USAGE, "")
    assert f"not {given}: did you mean {meant}?" in err
    assert not (tmp_path / "out").exists()


def test_a_code_near_to_no_language_is_refused_too(run: Run, tmp_path: Path, page: Path) -> None:
    code, _, err = run("build", page, "-o", tmp_path / "out", "-l", "xx")
    assert code == Exit.USAGE
    assert "not xx" in err


@pytest.mark.parametrize(
    "text", ["ሰላም ለሁሉም ይሁን", "خبر ہے کہ بارش ہوئی", "今天天气很好", "ตลาดเปิดแล้ว", "123", "سنڌ ۾ ڳوٺ ۽ ڏيهه"]
)
def test_every_code_that_is_identified_is_accepted(text: str) -> None:
    assert identify(text).code in identifiable_codes()


def test_clean_never_replaces_its_input(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"text": "ፀሐይ ወጣች። " * 30}) + "\n", encoding="utf-8")
    (tmp_path / "symbolic.jsonl").symlink_to(path)
    (tmp_path / "hard.jsonl").hardlink_to(path)
    before = path.read_bytes()
    for output in (path, tmp_path / "symbolic.jsonl", tmp_path / "hard.jsonl"):
        code, _, err = run("clean", path, "-o", output, "-j", "1")
        assert code == Exit.INPUT
        assert "is an input, and would be replaced: name another output" in err
    code, _, err = run("clean", tmp_path, "-o", tmp_path / "new.jsonl", "-j", "1")
    assert code == Exit.INPUT
    assert "would be read by the next run" in err
    assert path.read_bytes() == before
    assert not (tmp_path / "new.jsonl").exists()


def test_clean_never_replaces_a_file_by_an_empty_one(run: Run, tmp_path: Path, page: Path) -> None:
    (tmp_path / "broken.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    for name in ("good.jsonl", "good.parquet", "good.txt"):
        good = tmp_path / name
        assert run("clean", page, "-o", good, "-j", "1")[0] == 0
        before = good.read_bytes()
        code, _, err = run("clean", tmp_path / "broken.html", "-o", good, "-j", "1")
        assert code == Exit.INPUT
        assert "broken.html" in err
        assert "stays as it was; to replace it by an empty file, delete it first" in err
        assert good.read_bytes() == before
        assert not list(tmp_path.glob("*.partial"))


def test_clean_writes_to_no_device_and_no_directory(run: Run, tmp_path: Path, page: Path) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    (tmp_path / "directory.jsonl").mkdir()
    for output in (pipe, tmp_path / "directory.jsonl"):
        code, _, err = run("clean", page, "-o", output, "-j", "1")
        assert code == Exit.OUTPUT
        assert "a directory or a device" in err
    assert pipe.is_fifo()


def test_a_name_of_two_lines_is_one_line_in_a_message_and_in_a_row(run: Run, tmp_path: Path) -> None:
    name = tmp_path / "two\nlines\x1b[2J.html"
    name.write_text(PAGE, encoding="utf-8")
    code, out, err = run("clean", name, "--format", "jsonl", "-j", "1")
    assert (code, err) == (0, "")
    assert json.loads(out)["file_path"] == "two\\x0alines\\x1b[2J.html"
    name.unlink()
    code, _, err = run("clean", name)
    assert code == Exit.INPUT
    assert len(err.splitlines()) == 1
    assert "two\\x0alines\\x1b[2J.html" in err
    name.mkdir()
    code, _, err = run("build", name, "-o", tmp_path / "out")
    assert (code, len(err.splitlines())) == (Exit.INPUT, 1)


def test_a_name_that_is_not_utf_8_is_said_without_a_traceback(run: Run, tmp_path: Path, page: Path) -> None:
    output = Path(os.fsdecode(os.fsencode(tmp_path) + b"/out\xff"))
    for command in (("build", page, "-o", output), ("clean", page, "-o", output / "a.parquet")):
        code, _, err = run(*command)
        assert code == Exit.OUTPUT
        assert "is UTF-8, which this is not" in err


def test_an_index_is_replaced_by_nothing_of_its_own(run: Run, tmp_path: Path) -> None:
    rows = tmp_path / "in.jsonl"
    rows.write_text(json.dumps({"url": "https://am.example/1", "text": "ፀሐይ ወጣች። " * 30}) + "\n", encoding="utf-8")
    index, table = tmp_path / "seen", tmp_path / "clusters.parquet"
    assert run("index", "add", index, rows)[0] == 0
    code, _, err = run("index", "clusters", index, "-o", index / "manifest.json")
    assert (code, "is in the index" in err) == (Exit.INPUT, True)
    code, _, err = run("index", "add", index, index)
    assert (code, "is in the index" in err) == (Exit.INPUT, True)
    assert run("index", "clusters", index, "-o", table)[0] == 0
    before = table.read_bytes()
    assert run("index", "remove", index, "https://am.example/1")[0] == 0
    code, _, err = run("index", "clusters", index, "-o", table)
    assert (code, "has no documents" in err) == (Exit.INPUT, True)
    assert table.read_bytes() == before


def test_the_exit_codes_of_an_emptied_corpus_a_foreign_file_and_a_full_disk(
    run: Run,
    tmp_path: Path,
    page: Path,
) -> None:
    output, foreign = tmp_path / "out", tmp_path / "foreign"
    assert run("build", page, "-o", output, "-j", "1")[0] == 0
    code, out, err = run("build", page, "-o", output, "-j", "1", "-l", "ur")
    assert (code, out) == (Exit.INPUT, "")
    assert "no document is left of 1 input (1 wrong language): page.html: language am, wanted ur" in err
    foreign.mkdir()
    (foreign / "README.md").write_text("mine", encoding="utf-8")
    code, _, err = run("build", page, "-o", foreign, "-j", "1")
    assert (code, "saaf did not write it" in err) == (Exit.OUTPUT, True)
    # In a process of its own: the limit holds for the processes that it starts, too.
    command = [
        "prlimit",
        "--fsize=3072",
        sys.executable,
        "-m",
        "saaf.cli.app",
        "build",
        str(page),
        "-o",
        str(output),
        "-j",
        "1",
    ]
    full = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert (full.returncode, len(full.stderr.splitlines())) == (Exit.OUTPUT, 1), full.stderr
    assert corpus_table(output, "documents").num_rows == 1
