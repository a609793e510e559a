"""Texts read in batches: what becomes of each is what would become of it alone, with any number of processes."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saaf.cleaning import read
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.text.language import identify
from saaf.cleaning.text.language_model import load_identifier
from saaf.cleaning.types import CleanDocument, Metadata, Page
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.row_store import ROWS, record_batch
from saaf.corpus.schema import to_row
from saaf.corpus.settings import BuildSettings
from saaf.corpus.stages.partition_rows import PartitionRows
from saaf.corpus.stages.row_output import ROW_FILE
from saaf.corpus.stages.tasks import TaskFiles
from tests.corpora import corpus_rows

SENTENCES = {
    "hi": "आज नई दिल्ली में सरकार ने कहा कि यह नदी का पानी साफ है और लोग खुश हैं",
    "ur": "آج لاہور میں بارش ہوئی اور لوگوں نے کہا کہ یہ پانی صاف ہے",
    "ar": "قال الوزير اليوم إن المدينة الجديدة على النهر مفتوحة أمام الناس",
    "am": "ዛሬ አዲስ አበባ ውስጥ ብዙ ሰዎች ወደ ገበያ ሄዱ እና ቡና ገዙ",
    "th": "วันนี้ที่กรุงเทพมีฝนตกหนักมาก",
    "en": "the river was clean again this morning and people came to see it",
}
WORDS = {language: list(text) if language == "th" else text.split() for language, text in SENTENCES.items()}


def texts(count: int) -> Iterator[str]:
    chance = random.Random(7)
    for number in range(count):
        language = list(WORDS)[number % len(WORDS)]
        yield ("" if language == "th" else " ").join(chance.choices(WORDS[language], k=24)) + f" {number}"


def row(number: int, text: str) -> dict[str, object]:
    return {"url": f"https://site{number % 7}.example/{number}", "date": "2025-03-16", "text": text}


def run(path: Path, output: Path, **settings: object) -> dict[str, tuple[str, str]]:
    chosen = BuildSettings(clean=False, min_tokens=0, **settings)  # type: ignore[arg-type]  # as given
    deduplicate([path], output, settings=chosen, options=DedupeOptions(metadata=True))
    ledger = corpus_rows(output, "ledger")
    return {entry["key"]: (entry["state"], entry["reason"]) for entry in ledger}


def write_lines(path: Path, rows: list[dict[str, object]], *more: str) -> Path:
    lines = [*(json.dumps(each) for each in rows), *more]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_tables_have_the_same_bytes_with_any_number_of_processes(tmp_path: Path) -> None:
    rows = [row(number, text) for number, text in enumerate(texts(2_100))]
    rows[5]["text"], rows[6]["text"], rows[7]["text"] = None, 5, "\x00\x01\x02" * 200
    rows[8]["text"], rows[9]["url"] = "half a pair \ud800 in a text", "https://a.example/\ud800"
    path = write_lines(tmp_path / "in.jsonl", rows, "no JSON")
    ledgers = [run(path, tmp_path / f"out{workers}", workers=workers) for workers in (0, 1, 2)]
    assert ledgers[0] == ledgers[1] == ledgers[2]
    assert len(ledgers[0]) == 2_101
    assert [ledgers[0][f"in.jsonl#{number}"][0] for number in (6, 7, 8, 2_101)] == ["empty", *["unreadable"] * 3]
    for path in (each for each in (tmp_path / "out0").rglob("*") if each.is_file()):
        name = path.relative_to(tmp_path / "out0")
        assert {(tmp_path / f"out{workers}" / name).read_bytes() for workers in (1, 2)} == {path.read_bytes()}


def test_a_text_that_needs_too_much_memory_costs_itself_and_not_its_batch(tmp_path: Path) -> None:
    rows = [row(number, text) for number, text in enumerate(texts(40))]
    rows[20]["text"] = "a b\n" * 1_000_000  # 4 MB; its lines take 400
    states = run(write_lines(tmp_path / "in.jsonl", rows), tmp_path / "out", workers=1, memory_limit=200 << 20)
    lost = {key: entry for key, entry in states.items() if entry[0] != "kept"}
    assert lost == {"in.jsonl#21": ("over_budget", "cleaning needed more memory than a page may have")}


def test_a_text_that_takes_too_long_costs_itself_and_not_its_batch(tmp_path: Path) -> None:
    rows = [row(number, text) for number, text in enumerate(texts(10))]
    rows[4]["text"] = "\n".join(texts(80_000))
    states = run(write_lines(tmp_path / "in.jsonl", rows), tmp_path / "out", workers=1, timeout=2.0)
    lost = {key: entry for key, entry in states.items() if entry[0] != "kept"}
    assert lost == {"in.jsonl#5": ("over_budget", "cleaning needed more than 2 seconds of CPU time")}


def stored(text: str, original: str | None = None) -> dict[str, object]:
    document = CleanDocument(document=document_from_text(text), removals=())
    moment = datetime(2025, 3, 16, tzinfo=UTC)
    return {**to_row(document, dump="test", file_path="a.txt", date=moment), "text": text, "original": original or text}


def write_partition(directory: Path, key: str, contents: list[str]) -> TaskFiles:
    """Write the rows of a partition, each text with another original, in batches of up to 7."""
    files = TaskFiles(key=key, directory=directory)
    base = stored("नमस्ते")
    rows = [{**base, "text": content, "original": f"{content} read"} for content in contents]
    with pa.OSFile(str(files.path(ROW_FILE)), "wb") as sink, pa.ipc.new_file(sink, ROWS) as writer:
        for start in range(0, len(rows), 7):
            writer.write_batch(record_batch(rows[start : start + 7]))
    files.marker.write_text(json.dumps({"rows": len(rows)}))
    return files


@given(
    partitions=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=20), min_size=1, max_size=4
    ),
    seed=st.integers(0, 1 << 30),
)
def test_rows_of_all_partitions_come_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, partitions: list[list[str]], seed: int
) -> None:
    chance = random.Random(seed)
    directory = tmp_path_factory.mktemp("rows")
    rows = PartitionRows(
        [write_partition(directory, str(number), contents) for number, contents in enumerate(partitions)]
    )
    contents = [content for each in partitions for content in each]
    assert rows.starts.tolist()[-1] == len(contents)
    numbers = [chance.randrange(len(contents)) for _ in range(40)] if contents else []
    wanted = [contents[number] for number in numbers]
    assert rows.take(numbers)["text"].to_pylist() == wanted
    assert rows.take(numbers, ["original"])["original"].to_pylist() == [f"{text} read" for text in wanted]
    assert list(rows.texts(numbers)) == wanted


def test_a_lone_surrogate_becomes_a_character_that_can_be_written() -> None:
    batch = record_batch([{**stored("x"), "url": "https://a.example/\ud800"}])
    assert batch.schema.equals(ROWS)
    assert batch["url"].to_pylist() == ["https://a.example/\ufffd"]


def test_languages_are_the_same_compiled_and_not() -> None:
    pytest.importorskip("numba")
    found = [*texts(60), "", "...", "NEW YORK CITY", "x" * 5_000, "\ud800"]
    fresh, warm = load_identifier(), load_identifier()
    long = "the river was clean again this morning " * 60_000
    warm.probabilities(long)  # from here on it runs compiled
    for text in found:
        assert fresh.probabilities(text).tobytes() == warm.probabilities(text).tobytes()
    assert identify(next(texts(1))).code == "hi"


@pytest.mark.parametrize(
    "body",
    [
        "آج لاہور میں بارش ہوئی\r\nTags: پانی, شہر".encode(),
        "\ufeffዛሬ አዲስ አበባ\x00\x0b ቡና".encode(),
        b"caf\xe9 au lait, encore une fois et toujours",
        "\u202bعنوان\nनदी".encode("utf-16"),
    ],
)
def test_a_page_read_for_its_text_alone_has_the_text_that_it_always_has(body: bytes) -> None:
    page = Page(url="https://www.a.example/x?utm_source=y", body=body, headers=(("Content-Type", "text/plain"),))
    full, alone = read(page), read(page, text_only=True)
    assert (alone.id, alone.site, alone.text, alone.flags) == (full.id, full.site, full.text, full.flags)
    assert (alone.language.code, alone.blocks, alone.metadata) == ("und", (), Metadata())
