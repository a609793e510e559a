"""Summaries on a terminal: lines are broken between words, under their column; in a pipe they are whole."""

import io

import pytest

from saaf.corpus.summary_lines import fit_lines, wrap_line

INPUTS = "inputs      231 (159 kept, 20 duplicate, 17 too short, 1 empty, 14 unreadable, 20 not content)"
CHECK = "files       ok            11 checked        each file is there, and no other in its directories"
BUILD = "not built   saaf build shards/shard-*-of-02/capture -o shards/corpus builds the corpus of all of the shards"


def test_no_number_is_broken_at_the_edge_of_a_terminal() -> None:
    assert wrap_line(INPUTS, 80) == [
        "inputs      231 (159 kept, 20 duplicate, 17 too short, 1 empty, 14 unreadable,",
        "            20 not content)",
    ]
    assert wrap_line(INPUTS, len(INPUTS)) == [INPUTS]
    assert len(wrap_line(INPUTS, len(INPUTS) - 1)) == 2


def test_what_follows_is_under_the_last_column_where_that_leaves_half_of_the_width() -> None:
    assert wrap_line(CHECK, 90)[1].startswith(" " * 44 + "directories")
    assert wrap_line(CHECK, 80)[1].startswith(" " * 12 + "its directories")


def test_paths_and_commands_are_there_to_be_copied() -> None:
    assert wrap_line(BUILD, 80) == [BUILD]
    path = "report      " + "directory/" * 12
    assert wrap_line(path, 80) == [path]
    assert wrap_line("word " * 30, 80)[1].startswith("word")


def test_a_pipe_gets_lines_as_they_are_and_a_terminal_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stream = io.StringIO()
    assert list(fit_lines([INPUTS, BUILD], stream)) == [INPUTS, BUILD]
    monkeypatch.setattr(stream, "isatty", lambda: True)
    assert [len(line) <= 80 for line in fit_lines([INPUTS, CHECK], stream)] == [True] * 4
