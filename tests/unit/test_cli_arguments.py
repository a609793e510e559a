"""Arguments that cannot be meant, and standard output that cannot be written: one sentence and an exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from saaf.corpus.exit_codes import Exit
from saaf.corpus.settings import BuildSettings
from saaf.corpus.workers import CleanerPool

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

PAGE = (
    "<html><body>"
    + "<p>شہر کے پرانے پل کی مرمت مکمل ہو گئی، اور اب لوگ اس پر سے گزر سکتے ہیں۔</p>" * 3
    + "</body></html>"
)
SAAF = (sys.executable, "-m", "saaf.cli.app")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.mark.parametrize("workers", ["1001", "99999999"])
def test_no_command_starts_a_thousand_processes(run: Run, tmp_path: Path, page: Path, workers: str) -> None:
    for command in (["build", page, "-o", tmp_path / "out"], ["clean", page, "-f", "jsonl"], ["evaluate", tmp_path]):
        code, out, err = run(*command, "-j", workers)
        assert (code, out) == (Exit.USAGE, "")
        assert "1000" in err
    for function in (CleanerPool, BuildSettings):
        with pytest.raises(ValueError, match="1000"):
            function(workers=int(workers))


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", ""],
        ["-o", "out", "--text-column", ""],
        ["-o", "out", "--text-column="],
        ["-o", "out", "--dump", ""],
        ["-o", "out", "--dump", " "],
        ["-o", "out", "--dump="],
        ["-o", "out", ""],
        ["-o", "out", "--profiles", ""],
    ],
)
def test_an_empty_argument_is_refused(
    run: Run, tmp_path: Path, page: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("build", page, *arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert err.startswith("saaf: ")
    assert err.count("\n") == 1
    assert [*tmp_path.iterdir()] == [page]


def test_a_file_in_place_of_a_directory_is_refused(run: Run, tmp_path: Path, page: Path) -> None:
    for command, option in (("build", "--profiles"), ("dedupe", "--index")):
        code, _, err = run(command, page, "-o", tmp_path / "out", option, page)
        assert code == Exit.USAGE
        assert f"{option} {page} is a file: name" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("threshold", ["nan", "inf", "-1", "0", "1.01", "0.049"])
def test_a_threshold_that_is_no_similarity(run: Run, tmp_path: Path, page: Path, threshold: str) -> None:
    code, _, err = run("build", page, "-o", tmp_path / "out", "--threshold", threshold)
    assert code == Exit.USAGE
    assert f"--threshold is {float(threshold)}: give a Jaccard similarity from 0.05 to 1" in err


def test_a_value_that_is_not_known_is_named_with_those_that_are(run: Run, tmp_path: Path, page: Path) -> None:
    for arguments in (["clean", page, "-f", "foo"], ["dedupe", page, "-o", tmp_path / "o", "--clusters", "foo"]):
        code, _, err = run(*arguments)
        assert code == Exit.USAGE
        assert "'foo' is not one of" in err
        assert "Value error" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", [["clean", "page.html"], ["--version"], ["rules"], ["explain", "page.html"]])
def test_a_full_disk_behind_standard_output_is_one_sentence(page: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run([*SAAF, *arguments], stdout=full, stderr=subprocess.PIPE, cwd=page.parent, check=False)
    assert ended.returncode == Exit.OUTPUT
    assert ended.stderr.decode() == "saaf: standard output cannot be written: No space left on device\n"


def test_a_closed_standard_output_is_no_defect(page: Path) -> None:
    command = ["sh", "-c", '"$@" >&-', "sh", *SAAF, "clean", str(page)]
    ended = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
