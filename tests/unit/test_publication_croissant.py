"""croissant.json is valid Croissant, and its reader finds the documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from saaf.atomic_files import checksum
from tests.unit.publication_helpers import TEXTS, document, write_corpus

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore")  # of mlcroissant's own imports


def test_mlcroissant_finds_no_fault_and_reads_the_documents(tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    write_corpus(tmp_path)
    dataset = mlcroissant.Dataset(jsonld=tmp_path / "croissant.json")
    issues = dataset.metadata.issues
    assert issues.errors == set()
    assert all("datePublished" in warning for warning in issues.warnings), "the day it is published is not known yet"
    records = list(dataset.records("hin_Deva"))
    expected = document(("hi", "Deva"), 1)
    assert len(records) == 4
    found = next(record for record in records if record["hin_Deva/id"].decode() == expected["id"])
    assert found["hin_Deva/text"].decode() == expected["text"]
    assert len(list(dataset.records("default"))) == 4 * len(TEXTS)


def test_each_file_is_named_with_its_checksum(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    described = json.loads((tmp_path / "croissant.json").read_bytes())
    files = {one["@id"]: one["sha256"] for one in described["distribution"] if one["@type"] == "cr:FileObject"}
    paths = sorted((tmp_path / "data").rglob("*.parquet"))
    assert files == {path.relative_to(tmp_path).as_posix(): checksum(path) for path in paths}
