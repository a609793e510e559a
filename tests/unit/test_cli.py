"""The command line, run in this process: what each command prints, where, and with which exit code."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from saaf import cleaning
from saaf.cleaning import Removal
from saaf.cleaning.decision.block_rules import BLOCK_RULES
from saaf.cli import terminal
from saaf.corpus import schema
from saaf.corpus.exit_codes import Exit
from saaf.corpus.explain import Explanation
from tests.unit.corpus_helpers import original, write_tables

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "seeds" / "000_ea40fb25f8e93f5a.txt"

Run = Callable[..., tuple[int, str, str]]


def test_help_gives_an_example_for_each_command_and_the_exit_codes(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == Exit.DONE
    assert all(f"{meaning.value} " in out.partition("Exit codes:")[2] for meaning in Exit)
    for command in ("build", "clean", "dedupe", "report", "explain", "evaluate", "rules", "crawl", "status"):
        assert command in out
        assert f"saaf {command} " in run(command, "--help")[1]


def test_the_commands_of_a_crawl_cost_the_others_nothing() -> None:
    code = "import sys, saaf.cli.app, saaf.cli.commands.status; print({'scrapy', 'pyarrow'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout == b"set()\n"


def test_a_crawl_loads_what_it_needs_and_not_the_models_and_tables() -> None:
    code = (
        "import sys, saaf.crawler.addon, saaf.crawler.run.run; "
        "print({'pyarrow', 'justext', 'trafilatura'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_version_names_the_libraries_that_vote(run: Run) -> None:
    assert run("--version") == (
        0,
        f"saaf {version('saaf')}\nrules       {cleaning.rules_version()}\nextractor   {cleaning.extractor()}\n",
        "",
    )


def test_clean_writes_the_clean_text_and_nothing_else(run: Run) -> None:
    code, out, err = run("clean", SEED)
    assert (code, err) == (0, "")
    assert out == cleaning.clean_text(SEED.read_text(encoding="utf-8")).text.rstrip("\n") + "\n"
    assert "LEAVE A REPLY" not in out


def test_clean_reads_html_from_standard_input(run: Run) -> None:
    story = "The bridge over the river was opened on Monday after two years of work. " * 5
    page = f"<html><body><nav><a href=/>Home</a></nav><article><h1>Bridge</h1><p>{story}</p></article></body></html>"
    code, out, _ = run("clean", "-", stdin=page.encode())
    assert code == 0
    assert story.strip() in out
    assert "Home" not in out


def test_clean_of_several_documents_as_text_says_which_formats_hold_them(run: Run) -> None:
    code, out, err = run("clean", SEED, SEED)
    assert (code, out) == (Exit.USAGE, "")
    assert "--format jsonl" in err


def test_clean_to_jsonl_has_every_column_and_spans_that_replay(run: Run) -> None:
    code, out, _ = run("clean", SEED, "--format", "jsonl", "--workers", "1")
    row = json.loads(out)
    assert code == 0
    assert set(row) == set(schema.DOCUMENTS.names)
    removals = [Removal(**span) for span in row["removals"]]
    assert cleaning.apply_removals(SEED.read_text(encoding="utf-8"), removals) == row["text"]


def test_clean_to_parquet_takes_the_format_from_the_name(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "clean.parquet"
    assert run("clean", SEED, "-o", target, "--workers", "1")[0] == 0
    assert pq.read_schema(target).names == schema.DOCUMENTS.names
    code, _, err = run("clean", SEED, "-o", tmp_path / "clean.doc")
    assert code == Exit.USAGE
    assert "--format" in err


def test_clean_leaves_what_is_chosen_and_splits_appended_articles_off(run: Run) -> None:
    (seed,) = SEED.parent.glob("004_*.txt")
    plain = run("clean", seed)[1]
    assert plain in run("clean", seed, "--keep", "appended.*")[1]
    code, out, _ = run("clean", seed, "--format", "jsonl", "--split-appended", "--workers", "1")
    first, second = map(json.loads, out.splitlines())
    assert code == 0
    assert first["text"].rstrip("\n") + "\n" == plain
    assert second["flags"] == [f"appended_to:{first['id']}"]
    assert run("clean", seed, "--split-appended")[0] == Exit.USAGE
    code, _, err = run("clean", seed, "--keep", "html.captoin")
    assert code == Exit.USAGE
    assert "`saaf rules`" in err


def test_clean_names_the_inputs_it_cannot_read_and_writes_the_others(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "picture.html"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    code, out, err = run("clean", SEED, broken, "--format", "jsonl", "--workers", "1")
    assert code == Exit.INPUT
    assert len(out.splitlines()) == 1
    assert "picture.html" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", [("clean",), ("explain",), ("build", "-o", "out")])
def test_a_missing_file_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*command, "no-such.html")
    assert (code, out) == (Exit.INPUT, "")
    assert "no-such.html" in err
    assert len(err.splitlines()) == 1


def test_explain_marks_each_removal_with_its_rule_where_there_is_no_colour(run: Run) -> None:
    code, out, _ = run("explain", SEED)
    assert code == 0
    assert "[-LEAVE A REPLY-]{en.comment_form}" in out
    assert "\u2068" not in out
    assert "\x1b" not in out


def test_explain_as_json_says_what_each_rule_removed_and_why(run: Run) -> None:
    explained = json.loads(run("explain", SEED, "--json")[1])
    for removal in explained["removals"]:
        assert removal["text"] == explained["text"][removal["start"] : removal["end"]]
        assert removal["why"]


def test_explain_of_a_file_with_many_documents_says_what_to_do(run: Run, tmp_path: Path) -> None:
    lines = tmp_path / "two.jsonl"
    lines.write_text('{"text": "one"}\n{"text": "two"}\n', encoding="utf-8")
    code, _, err = run("explain", lines)
    assert code == Exit.USAGE
    assert "saaf build" in err


def test_rules_are_listed_one_a_line_in_a_pipe(run: Run) -> None:
    code, out, _ = run("rules")
    assert code == 0
    ids = [line.partition("\t")[0] for line in out.splitlines()]
    assert ids == [*(rule.id for rule in cleaning.RULES), *BLOCK_RULES]
    assert {line.partition(".")[0] for line in run("rules", "--language", "ur")[1].splitlines()} == {"ur"}
    assert run("rules", "--language", "urd") == run("rules", "--language", "ur")


def test_a_rule_is_shown_with_what_it_removes_and_keeps(run: Run) -> None:
    rule = next(rule for rule in cleaning.RULES if rule.id == "en.comment_form")
    out = run("rules", rule.id)[1]
    assert rule.why in out
    assert all(example.strip() in out for example in (*rule.removes, *rule.keeps))


def test_a_rule_of_structure_is_shown_without_examples(run: Run) -> None:
    code, out, _ = run("rules", "html.sidebar")
    assert code == 0
    assert BLOCK_RULES["html.sidebar"] in out


def test_explain_of_a_directory_says_how_to_name_a_document_of_a_corpus(run: Run, tmp_path: Path) -> None:
    code, _, err = run("explain", tmp_path)
    assert code == Exit.USAGE
    assert f"--corpus {tmp_path}" in err


def test_an_unknown_rule_is_met_with_the_nearest(run: Run) -> None:
    code, _, err = run("rules", "echo.titel")
    assert code == Exit.USAGE
    assert "echo.title" in err


def test_report_of_a_directory_that_is_no_corpus_says_so(run: Run, tmp_path: Path) -> None:
    code, _, err = run("report", tmp_path)
    assert code == Exit.INPUT
    assert "saaf build" in err
    (tmp_path / "originals.parquet").touch()
    for arguments in (("report", tmp_path), ("explain", "0123456789abcdef", "--corpus", tmp_path)):
        code, _, err = run(*arguments)
        assert code == Exit.INPUT
        assert f"saaf convert {tmp_path}" in err


def test_the_figures_of_a_report_are_printed_as_json_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    corpus = write_tables(tmp_path / "corpus", [original("a", "text", "kept")])
    before = sorted(corpus.rglob("*"))
    code, out, _ = run("report", corpus, "--json")
    assert code == Exit.DONE
    figures = json.loads(out)
    assert (figures["format"], figures["inputs"], figures["steps"][-1]["left"]) == (2, 1, 1)
    assert sorted(corpus.rglob("*")) == before
    code, out, _ = run("report", corpus)
    assert (code, out) == (Exit.DONE, f"{corpus / 'report' / 'report.html'}\n")
    assert json.loads((corpus / "report" / "report.json").read_text(encoding="utf-8")) == figures


def test_an_impossible_setting_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    code, _, err = run("build", SEED, "-o", tmp_path, "--language", "Hindi")
    assert code == Exit.USAGE
    assert "hi" in err


def test_on_a_terminal_removals_are_struck_out_and_isolated_and_control_characters_are_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, color_system="standard", width=80)
    text = "شام\x1b[2J میں\nاہم ترین خبریں"
    removal = Removal(start=12, end=len(text), rule="ur.popular")
    explanation = Explanation(id="0", url=None, title="t\x1b]0;", language="ur", text=text, removals=(removal,))
    terminal.print_explanation(console, explanation)
    shown = screen.getvalue()
    assert "\x1b[2J" not in shown
    assert "\x1b]0;" not in shown
    assert "\x1b[9;31m\u2068اہم ترین خبریں\u2069" in shown


def test_a_terminal_without_colour_gets_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80)
    removal = Removal(start=0, end=4, rule="echo.title")
    terminal.print_explanation(
        console, Explanation(id="0", url=None, title=None, language=None, text="Menu", removals=(removal,))
    )
    assert "[-Menu-]{echo.title}" in screen.getvalue()
