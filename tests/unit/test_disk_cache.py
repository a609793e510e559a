"""The cache on disk: made once, whole or not at all, and never a condition for the right result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from saaf.cleaning.disk_cache import cached_file

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
CODE = (
    f"import saaf; print(saaf.clean_html(open({str(SEEDS / 'harbour' / 'interview-bell-ringer.html')!r}, 'rb').read()))"
)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAAF_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def clean_in_new_process(directory: Path | str) -> str:
    environment = {**os.environ, "SAAF_CACHE_DIR": str(directory)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True, timeout=600
    )
    return done.stdout


def test_a_file_is_made_once_for_the_same_sources_and_again_for_others(directory: Path) -> None:
    made: list[Path] = []

    def write(path: Path) -> None:
        made.append(path)
        path.write_text("table", encoding="utf-8")

    first = cached_file("table.txt", [b"a", b"b"], write)
    assert first == cached_file("table.txt", [b"a", b"b"], write)
    assert first != cached_file("table.txt", [b"ab", b""], write), "the border between sources counts"
    assert len(made) == 2
    assert first is not None
    assert first.read_text(encoding="utf-8") == "table"


def test_a_file_that_cannot_be_written_leaves_nothing_behind(directory: Path) -> None:
    def write(path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise OSError("disk full")

    assert cached_file("table.txt", [b"a"], write) is None
    assert list(directory.iterdir()) == []


def test_without_a_directory_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAAF_CACHE_DIR", "")
    assert cached_file("table.txt", [b"a"], Path.touch) is None
    (tmp_path / "file").touch()
    monkeypatch.setenv("SAAF_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert cached_file("table.txt", [b"a"], Path.touch) is None


def test_the_result_is_the_same_without_a_cache_with_a_new_one_with_an_old_one_and_with_a_damaged_one(
    tmp_path: Path,
) -> None:
    without = clean_in_new_process("")
    assert clean_in_new_process(tmp_path) == without
    names = {path.name.partition("-")[0] for path in tmp_path.iterdir()}
    assert {"packs", "codepoints", "unspaced", "langid_probabilities"} <= names
    assert clean_in_new_process(tmp_path) == without
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:100])
    assert clean_in_new_process(tmp_path) == without
