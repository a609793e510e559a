"""The command line as a user runs it: in a process of its own, on the seeds, into pipes and directories."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpora import corpus_rows, corpus_table
from tests.integration import preloaded

ROOT = Path(__file__).resolve().parents[2]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))


def saaf(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return preloaded.run("saaf.cli.app", *map(str, arguments), cwd=ROOT, environment=variables)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("cli") / "corpus"
    done = saaf("build", *SEEDS, "-o", output, "-j", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"report      {output / 'report' / 'report.html'}"
    return output


def test_the_seeds_become_a_corpus_whose_figures_agree(corpus: Path) -> None:
    figures = json.loads((corpus / "report" / "report.json").read_text(encoding="utf-8"))
    assert figures["inputs"] == len(SEEDS)
    assert all(check["left"] == check["right"] for check in figures["checks"])
    assert {group["name"] for group in figures["languages"]["top"]} == {"hi", "ur", "ar"}


def test_the_report_can_be_written_again_byte_for_byte(corpus: Path) -> None:
    before = (corpus / "report" / "report.html").read_bytes()
    (corpus / "report" / "report.html").unlink()
    assert saaf("report", corpus).stdout == f"{corpus / 'report' / 'report.html'}\n"
    assert (corpus / "report" / "report.html").read_bytes() == before


def test_a_document_of_the_corpus_is_explained_by_its_id(corpus: Path) -> None:
    first = corpus_rows(corpus, "documents", ["id", "text"])[0]
    explained = json.loads(saaf("explain", first["id"], "--corpus", corpus, "--json").stdout)
    assert (explained["id"], explained["state"]) == (first["id"], "kept")
    missing = saaf("explain", "0123456789abcdef", "--corpus", corpus)
    assert missing.returncode == 3
    assert "the ledger of a corpus has all inputs" in missing.stderr


def test_copies_in_other_code_points_are_found_by_dedupe_and_one_is_kept(tmp_path: Path) -> None:
    urdu = SEEDS[2].read_text(encoding="utf-8")
    copies = [urdu, urdu.replace("ی", "ي").replace("ک", "ك"), SEEDS[4].read_text(encoding="utf-8")]
    source = tmp_path / "texts.jsonl"
    source.write_text("".join(json.dumps({"body": text}) + "\n" for text in copies), encoding="utf-8")
    done = saaf("dedupe", source, "-o", tmp_path / "unique", "--text-column", "body")
    assert done.returncode == 0, done.stderr
    kept = corpus_table(tmp_path / "unique", "documents", ["text"])["text"].to_pylist()
    assert len(kept) == 2
    assert set(kept) <= set(copies), "dedupe changes no text"
    pair = corpus_rows(tmp_path / "unique", "pairs")
    assert [one["jaccard"] for one in pair] == [1.0]
    assert "other code points" in (tmp_path / "unique" / "report" / "report.html").read_text(encoding="utf-8")


def test_dedupe_without_the_text_column_names_file_and_column(tmp_path: Path) -> None:
    source = tmp_path / "texts.jsonl"
    source.write_text('{"said": "one"}\n', encoding="utf-8")
    done = saaf("dedupe", source, "-o", tmp_path / "unique")
    assert done.returncode == 3
    reasons = corpus_table(tmp_path / "unique", "ledger", ["reason"])["reason"].to_pylist()
    assert "no column is known to hold text; there are: said" in reasons[0]


def test_a_file_in_the_place_of_the_output_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "notes.txt"
    target.write_text("mine", encoding="utf-8")
    done = saaf("build", SEEDS[0], "-o", target)
    assert (done.returncode, target.read_text(encoding="utf-8")) == (5, "mine")
    assert str(target) in done.stderr


def test_a_closed_pipe_is_no_error() -> None:
    files = " ".join(map(str, SEEDS * 40))
    python = f"{sys.executable} -c 'from saaf.cli.app import main; main()'"
    command = f"{python} clean {files} --format jsonl -j 1 | head -n 1 | wc -l; echo ${{PIPESTATUS[0]}}"
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=variables, cwd=ROOT, timeout=600, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["1", "141"], "")


def test_help_waits_for_no_library() -> None:
    program = (
        "import sys\nfrom saaf.cli.app import main\nsys.argv = ['saaf', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    print(sorted(sys.modules), file=sys.stderr)\n"
    )
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=variables, cwd=ROOT, timeout=600, check=False)
    for library in ("pyarrow", "trafilatura", "lxml", "numpy", "pebble", "jinja2"):
        assert f"'{library}'" not in done.stderr
