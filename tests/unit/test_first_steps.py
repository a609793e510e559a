"""What a newcomer meets: help on a narrow terminal, `python -m saaf`, other encodings, messages."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
import typer.main
from pyarrow import fs

import saaf
from saaf.cleaning.text.fasttext_file import read_language_model
from saaf.cli.app import app
from saaf.cli.commands import clean as clean_command
from saaf.cli.commands import settings as settings_command
from saaf.corpus import remote_files
from saaf.corpus.exit_codes import Exit
from saaf.corpus.input_paths import InputError, RemotePath, list_remote
from saaf.corpus.remote_files import RemoteReadError, open_remote
from saaf.extras import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).resolve().parents[2]
ARABIC = ROOT / "seeds" / "004_6c95415e13a1eb0b.txt"
WORD = "واشنطن"


def test_help_names_every_option_in_full_at_80_columns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    group: Any = typer.main.get_command(app)
    cut = {}
    for name, command in group.commands.items():
        shown = run(name, "--help")[1]
        options = [text for each in command.params for text in (*each.opts, *each.secondary_opts) if text[:2] == "--"]
        cut[name] = [text for text in options if text not in shown]
        assert max(len(line) for line in shown.splitlines()) <= 80
    assert {name: options for name, options in cut.items() if options} == {}


def test_an_optional_argument_is_in_brackets_once(run: Run) -> None:
    assert "saaf crawl [OPTIONS] [URL]... " in run("crawl", "--help")[1]
    assert "saaf rules [OPTIONS] [ID] " in run("rules", "--help")[1]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, WORD.encode()),
        ({"PYTHONIOENCODING": "ascii"}, WORD.encode("ascii", "backslashreplace")),
        ({"PYTHONIOENCODING": "ascii:replace"}, b"?" * len(WORD)),
    ],
)
def test_a_pipe_gets_utf_8_and_an_encoding_that_was_asked_for_gets_escapes(
    variables: dict[str, str], expected: bytes
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-m", "saaf", "explain", str(ARABIC)]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(expected)


def test_the_version_is_an_attribute_too() -> None:
    assert saaf.__version__ == version("saaf")
    assert "__version__" not in saaf.__all__


def test_status_says_what_is_missing(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert run("status", missing) == (Exit.INPUT, "", f"saaf: there is no directory {missing}\n")
    code, _, err = run("status", tmp_path)
    assert code == Exit.INPUT
    assert "holds neither a crawl nor a build: name the directory that `saaf crawl` or `saaf build` wrote to" in err


def test_a_table_of_ones_own_makes_no_corpus_of_a_directory(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clusters.parquet").touch()  # what `saaf index clusters -o clusters.parquet` leaves there
    (tmp_path / "documents.parquet").touch()
    monkeypatch.chdir(tmp_path)
    code, _, err = run("explain", "missing.html")
    assert code == Exit.INPUT
    assert err.startswith("saaf: missing.html: no such file, and no corpus here or in out/")


def test_a_query_without_a_match_says_so(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "one.txt"
    page.write_text("The ferry sailed again on Tuesday, five days after the storm.\n", encoding="utf-8")
    assert run("index", "add", tmp_path / "index", page)[0] == 0
    code, out, err = run("index", "query", tmp_path / "index", page)
    assert (code, out) == (0, "")
    assert f"no document of the inputs is like one of {tmp_path / 'index'}" in err
    code, out, err = run("index", "query", tmp_path / "index", page, "--dump", "other")
    assert "J = 1.00" in out
    assert err == ""


def test_what_is_not_installed_has_its_own_exit_code(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.txt"
    page.touch()
    for module in (clean_command, settings_command):
        monkeypatch.setattr(module, "read_language_model", partial(read_language_model, library="not_installed_here"))
    for command in (["clean", page], ["build", page, "-o", tmp_path / "out"]):
        code, _, err = run(*command, "--lid", tmp_path / "model.bin")
        assert code == Exit.CONFIGURATION
        assert "install it with `pip install" in err
    monkeypatch.setattr(remote_files, "resolve", _not_installed)
    code, _, err = run("build", "hf://datasets/a/b", "-o", tmp_path / "out")
    assert code == Exit.CONFIGURATION
    assert err.startswith("saaf: inputs at hf:// need packages that are missing: install it with `pip install ")


def _not_installed(url: str) -> None:
    raise ImportError(url)


class _ConnectError(Exception):
    """An error of a client library that is no OSError."""


class _Broken(fsspec.AbstractFileSystem):  # type: ignore[misc]
    protocol = "broken"

    def info(self, path: str, **_: object) -> dict[str, object]:
        if path.endswith("file"):
            return {"name": path, "size": 9, "type": "file"}
        raise _ConnectError("[Errno -2] Name or service not known")

    def open(self, path: str, *_: object, **__: object) -> object:
        raise _ConnectError(path)


def test_a_place_that_cannot_be_reached_is_no_defect_whatever_its_library_raises(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = fs.PyFileSystem(fs.FSSpecHandler(_Broken()))
    monkeypatch.setattr(remote_files, "resolve", lambda url: (system, url.partition("://")[2]))
    with pytest.raises(InputError, match=r"hf://datasets/a cannot be reached: .*Name or service not known"):
        list_remote(RemotePath("hf://datasets/a"))
    with pytest.raises((OSError, RemoteReadError)):
        open_remote("hf://datasets/a/file")


def test_packages_that_read_a_scheme_are_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_files, "resolve", _not_installed)
    with pytest.raises(NotInstalledError, match=r"hf:// need packages that are missing: .*\[remote\]"):
        list_remote(RemotePath("hf://datasets/a"))
