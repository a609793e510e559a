"""Tables of a corpus that are several files, and corpora that cannot be read."""

import json
from pathlib import Path

import pytest

from saaf.atomic_files import BusyError, exclusive_lock
from saaf.corpus import schema
from saaf.corpus.corpus_tables import (
    NotACorpusError,
    count_rows,
    find_rows,
    is_corpus,
    iter_batches,
    language_directories,
    ledger_reasons,
    opened_corpus,
    rows_by_key,
    table_paths,
    take_rows,
)
from saaf.corpus.documents import find_document
from saaf.corpus.file_names import CLUSTERS, DATA, LEDGER, MANIFEST, ORIGINALS, PAIRS, part_name
from saaf.corpus.parquet import DamagedTableError, write_table
from tests.unit.corpus_helpers import Row, failure, original, write_tables

ROWS = [original(f"{number:02}", f"text {number}", "kept", url=f"https://a.example/{number}") for number in range(7)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "corpus", ROWS, failures=[failure("99", "unreadable", "broken")], parts=3)


def test_a_table_of_several_files_is_read_as_one(corpus: Path) -> None:
    assert [path.name for path in table_paths(corpus, ORIGINALS)] == [part_name(number, 3) for number in range(3)]
    assert count_rows(corpus, ORIGINALS) == 7
    keys = [key for batch in iter_batches(corpus, ORIGINALS, ["key"], rows=2) for key in batch["key"].to_pylist()]
    assert keys == ["00", "03", "06", "01", "04", "02", "05"]
    assert [row["key"] for row in take_rows(corpus, ORIGINALS, [0, 2, 3, 6], ["key"])] == ["00", "06", "01", "05"]
    with pytest.raises(IndexError):
        take_rows(corpus, ORIGINALS, [7], ["key"])


def test_rows_are_found_by_value_in_any_file(corpus: Path) -> None:
    found = find_rows(corpus, ORIGINALS, "key", ["05", "00", "77"], ["key", "text"])
    assert [(row["key"], row["text"]) for row in found] == [("00", "text 0"), ("05", "text 5")]
    assert rows_by_key(corpus, LEDGER, "key", ["99"], ["reason"]) == {"99": {"key": "99", "reason": "broken"}}
    assert not list(find_rows(corpus, ORIGINALS, "key", [], ["key"]))
    document = find_document(corpus, "https://a.example/5")
    assert document is not None
    assert (document.key, document.text) == ("05", "text 5")
    assert find_document(corpus, "https://a.example/8") is None


def test_languages_are_read_in_the_order_of_their_directories_and_hidden_files_are_not(tmp_path: Path) -> None:
    rows: list[Row] = [original(code, code, "kept", language=code) for code in ("ur", "de", "hi")]
    corpus = write_tables(tmp_path / "corpus", rows)
    (corpus / DATA / "deu_Latn" / ".train-00000.parquet").touch()
    assert [path.parent.name for path in table_paths(corpus, DATA)] == ["deu_Latn", "hin_Latn", "urd_Latn"]
    assert language_directories(corpus) == ["deu_Latn", "hin_Latn", "urd_Latn"]
    assert count_rows(corpus, f"{DATA}/hin_Latn") == 1


def test_a_table_that_a_corpus_does_not_have_has_no_rows(corpus: Path) -> None:
    (corpus / CLUSTERS).unlink()
    assert count_rows(corpus, CLUSTERS) == 0
    assert not list(iter_batches(corpus, CLUSTERS, schema.CLUSTERS.names))


def test_the_reasons_are_of_what_was_left_out_alone(corpus: Path) -> None:
    assert ledger_reasons(corpus) == f"99: broken; all are in {corpus / LEDGER}"


def test_a_corpus_of_an_older_version_is_named_with_the_way_to_convert_it(tmp_path: Path) -> None:
    (tmp_path / "documents.parquet").touch()
    assert is_corpus(tmp_path)
    with pytest.raises(NotACorpusError, match=f"saaf convert {tmp_path}"), opened_corpus(tmp_path):
        pass


def test_a_publication_that_was_killed_is_completed_before_its_corpus_is_read(corpus: Path, tmp_path: Path) -> None:
    new = write_tables(tmp_path / "new", ROWS[:1])
    order = [*sorted(path.name for path in new.iterdir() if path.name != MANIFEST), MANIFEST]
    journal = {"order": order, "inodes": {name: (new / name).stat().st_ino for name in order}, "remove": []}
    (new / ".journal.json").write_text(json.dumps(journal), encoding="utf-8")
    new.rename(corpus / ".ready")
    assert is_corpus(corpus)
    with opened_corpus(corpus):
        assert count_rows(corpus, ORIGINALS) == 1
    assert not (corpus / ".ready").exists()


def test_a_publication_of_another_process_is_waited_for(corpus: Path) -> None:
    (corpus / ".ready").mkdir()
    with (
        exclusive_lock(corpus, BusyError()),
        pytest.raises(NotACorpusError, match="another build is writing"),
        opened_corpus(corpus, patience=0.1),
    ):
        pass


def test_what_is_read_while_another_build_replaces_it_is_no_result(corpus: Path, tmp_path: Path) -> None:
    new = write_tables(tmp_path / "new", ROWS[:1])
    with pytest.raises(NotACorpusError, match="replaced the corpus"), opened_corpus(corpus):
        (new / MANIFEST).replace(corpus / MANIFEST)


@pytest.mark.parametrize("damage", ["cut off", "no table", "column missing"])
def test_a_damaged_table_is_said_with_its_corpus(corpus: Path, damage: str) -> None:
    path = corpus / ORIGINALS / part_name(1, 3)
    content = path.read_bytes()
    if damage == "column missing":
        write_table(path, [], schema.PAIRS)
    else:
        path.write_bytes(content[: len(content) // 2] if damage == "cut off" else b"PAR1 or not")
    message = rf"a table in {corpus} is damaged: .*build the corpus again"
    with pytest.raises(DamagedTableError, match=message), opened_corpus(corpus):
        list(iter_batches(corpus, ORIGINALS, ["text"]))


def test_pairs_are_a_single_file(corpus: Path) -> None:
    assert table_paths(corpus, PAIRS) == [corpus / PAIRS]
