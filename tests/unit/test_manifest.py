from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from saaf import dedupe
from saaf.corpus.manifest import write_manifest
from saaf.corpus.settings import BuildSettings

if TYPE_CHECKING:
    from pathlib import Path


FILES = {"b.txt": {"bytes": 3, "sha256": "b"}, "a.txt": {"bytes": 3, "sha256": "a"}}


def test_it_names_every_file_setting_and_version(tmp_path: Path) -> None:
    settings = BuildSettings(languages=("hi", "ur"), dedupe=dedupe.Settings(threshold=0.8))
    manifest = json.loads(write_manifest(tmp_path, FILES, settings).read_text())
    assert list(manifest["files"]) == ["a.txt", "b.txt"]
    assert manifest["files"]["a.txt"] == {"bytes": 3, "sha256": "a"}
    assert manifest["format"] == 2
    assert manifest["settings"]["languages"] == ["hi", "ur"]
    assert manifest["settings"]["dedupe"]["threshold"] == 0.8
    assert {"python", "pyarrow", "trafilatura", "fingerprint_tokenizer", "cleaning_rules"} <= manifest[
        "versions"
    ].keys()


def test_neither_the_workers_nor_the_place_leave_a_trace(tmp_path: Path) -> None:
    settings = BuildSettings(workers=1)
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    first = write_manifest(tmp_path / "x", FILES, settings).read_bytes()
    assert first == write_manifest(tmp_path / "y", FILES, replace(settings, workers=8)).read_bytes()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"workers": -1}, "must be 0 or more"),
        ({"timeout": 0.0}, "must be more than 0"),
        ({"languages": ("Hindi",)}, "not Hindi"),
    ],
)
def test_settings_that_cannot_be_used_say_why(values: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        replace(BuildSettings(), **values)  # type: ignore[arg-type]  # one of several types
