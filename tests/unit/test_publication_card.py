"""The data set card says what the tables say, invents nothing, and shows what strangers wrote as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from huggingface_hub import DatasetCard

from saaf.corpus import schema
from saaf.corpus.parquet import DamagedTableError
from saaf.corpus.publication.card import write_card
from saaf.corpus.publication.shards import write_shards
from saaf.corpus.publication.statistics import corpus_statistics, file_statistics, sum_statistics
from tests.unit.publication_helpers import HOSTILE, SETTINGS, TEXTS, document, write_corpus

if TYPE_CHECKING:
    from pathlib import Path

LICENCE = "https://creativecommons.org/licenses/by-sa/4.0/deed.ur"


def test_the_same_corpus_gives_the_same_card_and_croissant(tmp_path: Path) -> None:
    for name in ("one/corpus", "two/corpus"):
        write_corpus(tmp_path / name)
    for name in ("README.md", "croissant.json"):
        assert (tmp_path / "one/corpus" / name).read_bytes() == (tmp_path / "two/corpus" / name).read_bytes()


def test_statistics_that_were_counted_file_by_file_make_the_same_card(tmp_path: Path) -> None:
    manifest = write_corpus(tmp_path)
    before = (tmp_path / "README.md").read_bytes()
    counted = {
        path.relative_to(tmp_path).as_posix(): file_statistics(path) for path in tmp_path.glob("data/*/*.parquet")
    }
    statistics = corpus_statistics(tmp_path, counted)
    assert sum_statistics([*statistics.subsets.values()][::-1]) == statistics.total
    assert statistics.total.documents == statistics.states["kept"] == 4 * len(TEXTS)
    write_card(tmp_path, manifest, statistics)
    assert (tmp_path / "README.md").read_bytes() == before


def test_the_card_counts_what_the_tables_hold(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    for line in (
        "A corpus of 20 documents in 5 subsets by language and script, made",
        "| `hin_Deva` | Hindi (Devanagari) | 4 | 256 | 672 B |",
        "| `hi.example` | 4 | 256 | 27.8 % |",
        "| `blocked_by_robots` | robots.txt asks not to fetch it | 1 |",
        "| `html.caption` | caption | 20 | 140 |",
        "| whose publisher reserves them from training | 5 |",
        "| `robots.txt` | 5 |",
        "| period of collection | 09/2026 to 11/2026 |",
        "| crawler user agent | not recorded |",
        "Personal data in the texts: not recorded.",
    ):
        assert line in card


def test_a_crawl_that_is_recorded_is_named(tmp_path: Path) -> None:
    write_corpus(tmp_path, with_manifest=False)
    crawl = {"user_agent": "examplebot/1.0 (+https://example.org/bot)", "contact": "bot@example.org"}
    write_card(tmp_path, {"settings": SETTINGS | {"rights": "skip"}, "crawl": crawl})
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| crawler user agent | `examplebot/1.0 (+https://example.org/bot)` |" in card
    assert "that rights rules were read for) | `saaf` |" in card
    write_card(tmp_path, {"settings": SETTINGS | {"agent": ""}})
    several = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "that rights rules were read for) | those of each capture, or else `saaf` |" in several
    assert "reserve them from training were left out; 1 addresses not fetched because of robots.txt" in card


def test_without_a_manifest_nothing_is_invented(tmp_path: Path) -> None:
    write_corpus(tmp_path, date=None, url=None, site="")
    write_card(tmp_path, {})
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    for line in (
        "Settings: not recorded.",
        "Versions: not recorded.",
        "Hosts: not recorded.",
        "at times that are not recorded",
    ):
        assert line in card
    assert "| period of collection | not recorded |" in card
    assert "year =" not in card


def test_what_pages_say_stays_a_value(tmp_path: Path) -> None:
    write_corpus(tmp_path, site=HOSTILE, dump=HOSTILE, rights_licence=HOSTILE, rights_signals=[HOSTILE], date="9 May")
    write_card(tmp_path, {"settings": SETTINGS | {"dump": HOSTILE}})
    card = DatasetCard.load(tmp_path / "README.md")
    assert card.data.pretty_name == HOSTILE.replace("\n", " ")
    assert card.data.license == "other"
    body = card.text
    outside = [part for line in body.splitlines() for part in line.replace("\\|", "").split("`")[::2]]
    assert not [part for part in outside if "<script" in part or "# Owned" in part]
    assert not [line for line in body.splitlines() if line.startswith(("# Owned", "---"))]


def test_a_licence_that_all_documents_name_is_the_licence_of_the_corpus(tmp_path: Path) -> None:
    write_corpus(tmp_path / "all", rights_licence=LICENCE)
    assert DatasetCard.load(tmp_path / "all/README.md").data.license == "cc-by-sa-4.0"
    write_corpus(tmp_path / "all", rights_licence="https://example.org/terms")
    assert DatasetCard.load(tmp_path / "all/README.md").data.license == "other"


def test_personal_data_and_carried_columns_are_described(tmp_path: Path) -> None:
    columns = [*schema.DOCUMENTS, pa.field("warc | offset", pa.timestamp("ms"))]
    rows = [document(("hi", "Deva"), number) | {"pii_email": number, "warc | offset": None} for number in range(3)]
    table = pa.Table.from_pylist(rows, schema=pa.schema(columns))
    write_shards(tmp_path / "data/hin_Deva", [table], pa.schema(columns))
    write_card(tmp_path, {})
    card = DatasetCard.load(tmp_path / "README.md")
    assert "| `email` | 3 | 0 |" in card.text
    assert "| `warc \\| offset` | `timestamp[ms]` | carried through from the input |" in card.text
    assert "features" not in card.data.dataset_info[0], "a type that datasets finds out for itself"


def test_shards_of_different_columns_are_refused(tmp_path: Path) -> None:
    manifest = write_corpus(tmp_path)
    one = tmp_path / "data/hin_Deva/train-00000-of-00002.parquet"
    fewer = schema.DOCUMENTS.remove(3)
    write_shards(
        tmp_path / "spare", [pa.Table.from_pylist([document(("hi", "Deva"), 0)], schema=schema.DOCUMENTS)], fewer
    )
    next((tmp_path / "spare").iterdir()).replace(one)
    with pytest.raises(DamagedTableError, match="different columns"):
        write_card(tmp_path, manifest)


def test_an_empty_corpus_has_a_card(tmp_path: Path) -> None:
    write_shards(tmp_path / "data/und_Zyyy", [], schema.DOCUMENTS)
    write_card(tmp_path, {"settings": SETTINGS})
    data = DatasetCard.load(tmp_path / "README.md").data
    assert data.size_categories == ["n<1K"]
    assert data.language is None
