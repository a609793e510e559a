"""`saaf index` from the command line: what is printed where, with which exit code."""

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from saaf.corpus.exit_codes import Exit

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(run: Run) -> Run:
    """Run `saaf index` with some arguments and return (exit code, standard output, standard error)."""
    return partial(run, "index")


def written(path: Path, host: str, words: list[str]) -> Path:
    rows = [{"url": f"https://{host}.example/1", "text": " ".join(words)}, {"url": "https://x.example/", "text": "…"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_an_index_from_its_first_document_to_its_last(tmp_path: Path, run: Run) -> None:
    words = random.Random(1).choices([f"word{number}" for number in range(900)], k=100)
    index, old = tmp_path / "index", written(tmp_path / "old.jsonl", "old", words)
    code, out, err = run("add", index, old, "--dump", "2026-11")
    assert (code, out) == (Exit.DONE, f"1 added, 0 replaced, 0 already there in {index}\n")
    assert "old.jsonl#2: no word is left" in err
    new = written(tmp_path / "new.jsonl", "new", [*words[:50], "another", *words[51:]])
    code, out, _ = run("query", index, new)
    assert (code, out) == (0, "https://new.example/1 matches https://old.example/1 of crawl 2026-11, J = 0.94\n")
    assert run("clusters", index, "-o", tmp_path / "clusters.parquet")[0] == 0
    assert pq.read_metadata(tmp_path / "clusters.parquet").num_rows == 0
    assert run("merge", index) == (0, f"1 segment merged in {index}\n", "")
    assert run("remove", index, "https://old.example/1")[:2] == (
        0,
        f"1 removed; `saaf index merge {index}` gives their space back\n",
    )
    code, _, err = run("remove", index, "https://old.example/1")
    assert (code, err) == (Exit.INPUT, f"saaf: {index} has no document of that id or URL: https://old.example/1\n")


@pytest.mark.parametrize("command", ["query", "remove", "merge"])
def test_no_index_is_made_by_a_command_that_needs_one(tmp_path: Path, run: Run, command: str) -> None:
    text = tmp_path / "text.txt"
    text.write_text("a text", encoding="utf-8")
    arguments = [] if command == "merge" else [text]
    code, _, err = run(command, tmp_path / "none", *arguments)
    assert (code, err) == (
        Exit.INPUT,
        f"saaf: {tmp_path / 'none'} is no index: it has no manifest.json; make one with `saaf index add`\n",
    )
    assert not (tmp_path / "none").exists()


def test_help_has_an_example(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "saaf index query" in out
    assert all(command in out for command in ("add", "query", "remove", "merge", "clusters"))
