"""`saaf verify`, `diff`, `replay` and `find` on a small corpus that a build made, and on damaged copies of it."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.atomic_files import checksum
from saaf.corpus.build import build
from saaf.corpus.corpus_tables import opened_corpus, table_paths
from saaf.corpus.file_names import CLUSTERS, DATA, LEDGER, MANIFEST, ORIGINALS, PAIRS, REJECTED
from saaf.corpus.inspection.diff import diff_corpora
from saaf.corpus.inspection.replay import Replay, replay_document
from saaf.corpus.inspection.text_search import FoundDocument, find_text
from saaf.corpus.inspection.verify import verify_corpus
from saaf.corpus.publication.plan import plan_upload
from saaf.corpus.settings import BuildSettings

STORY = (
    "The harbour froze over in the night, and the boats that had gone out before the storm could not come back "
    "until the pilot broke a path for them with the old tug. Nobody was hurt, said the harbour master, who had counted "
    "them all from the window of his office since five in the morning.\nIn the evening the ice was thick enough."
)
OTHER = (
    "The library of the village has bought a second shelf, which the carpenter of the next valley made out of the oak "
    "that fell on the road in spring.\nIt holds the books on birds, on tides and on the history of the island's "
    "fifteen farms, and there is room for what children bring back late. ٹوئٹر پر شیئر کریں"
)


def page(title: str, text: str) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    menu = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/about'>About the paper</a></li></ul></nav>"
    comments = "<div id='respond' class='comment-respond'><h3>Leave a Reply</h3><p>Your email address</p></div>"
    article = f"<article><h1>{title}</h1>{paragraphs}</article>"
    return f"<html><head><title>{title}</title></head><body>{menu}{article}{comments}"


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("inputs") / "pages"
    directory.mkdir()
    (directory / "ice.html").write_text(page("The frozen harbour", STORY))
    (directory / "ice-again.html").write_text(page("The frozen harbour", STORY + " So it was."))
    (directory / "library.html").write_text(page("A second shelf", OTHER))
    (directory / "short.html").write_text("<html><body><p>Too short.</p></body></html>")
    (directory / "picture.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    return directory


@pytest.fixture(scope="module")
def built(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("corpus") / "out"
    build([inputs], output, settings=BuildSettings(workers=0))
    return output


@pytest.fixture
def corpus(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "copy"))


def problems(corpus: Path) -> dict[str, tuple[str, ...]]:
    return {check.name: check.first for check in verify_corpus(corpus).checks if check.problems}


def rewrite(corpus: Path, name: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Write the first file of a table with other rows, and list it in the manifest as it is then."""
    path = table_paths(corpus, name)[0]
    table = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(change(table.to_pylist()), schema=table.schema), path)
    relist(corpus, path)


def relist(corpus: Path, path: Path) -> None:
    manifest = json.loads((corpus / MANIFEST).read_text())
    entry = {"bytes": path.stat().st_size, "sha256": checksum(path), "rows": pq.read_metadata(path).num_rows}
    manifest["files"][path.relative_to(corpus).as_posix()] = entry
    (corpus / MANIFEST).write_text(json.dumps(manifest))


def changed(**values: object) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda rows: [rows[0] | values, *rows[1:]]


def first_with(state: str, **values: object) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        place = next(number for number, row in enumerate(rows) if row["state"] == state)
        return [row | values if number == place else row for number, row in enumerate(rows)]

    return change


def test_a_corpus_as_it_was_built_is_sound(built: Path) -> None:
    verification = verify_corpus(built)
    assert verification.problems == 0
    checked = {check.name: check.checked for check in verification.checks}
    assert all(checked.values()), "every check looked at something"
    assert checked["ledger"] == 5
    assert checked["removals"] == 4
    assert verification.to_json()["sound"] is True


def test_a_changed_a_missing_and_an_additional_file_are_named(corpus: Path) -> None:
    (corpus / "croissant.json").write_bytes((corpus / "croissant.json").read_bytes() + b"\n")
    (corpus / "report" / "report.json").unlink()
    (corpus / DATA / "stray.txt").write_text("?")
    found = problems(corpus)["files"]
    assert [sentence.split()[0] for sentence in found] == ["croissant.json", "report/report.json", "data/stray.txt"]


def test_the_card_may_be_edited_and_not_be_missing(
    run: Callable[..., tuple[int, str, str]], corpus: Path, inputs: Path
) -> None:
    code, out, _ = run("status", corpus)
    assert (code, out.splitlines()[0].split(";")[0]) == (0, "build       finished")
    assert json.loads(run("status", corpus, "--json")[1])["corpus"]["documents"] > 0
    (corpus / "README.md").write_text("mine")
    code, out, _ = run("verify", corpus)
    assert code == 0
    assert "note        README.md was edited after the build" in out
    plan = plan_upload(corpus, "hf://datasets/me/mine")
    assert next(file.bytes for file in plan.files if file.name == "README.md") == len("mine")
    notes: list[str] = []
    build([inputs], corpus, settings=BuildSettings(workers=0), notify=notes.append)
    assert (corpus / "README.edited.md").read_text() == "mine"
    assert "README.md was edited, and is written anew: your text is in " in notes[-1]
    assert problems(corpus) == {}
    (corpus / "README.md").unlink()
    assert [sentence.split()[0] for sentence in problems(corpus)["files"]] == ["README.md"]


def test_one_flipped_byte_is_found(corpus: Path) -> None:
    path = table_paths(corpus, ORIGINALS)[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert any(path.name in sentence for sentence in problems(corpus)["files"])


def test_a_table_that_cannot_be_read_is_a_finding_and_no_crash(corpus: Path) -> None:
    path = table_paths(corpus, LEDGER)[0]
    path.write_bytes(path.read_bytes()[:100])
    verification = verify_corpus(corpus)
    assert verification.problems
    assert {check.name for check in verification.checks if check.checked is None} >= {"ledger", "counts", "duplicates"}


def test_a_missing_shard_is_named(corpus: Path) -> None:
    path = table_paths(corpus, DATA)[0]
    target = path.with_name("train-00000-of-00002.parquet")
    path.rename(target)
    manifest = json.loads((corpus / MANIFEST).read_text())
    entry = manifest["files"].pop(path.relative_to(corpus).as_posix())
    manifest["files"][target.relative_to(corpus).as_posix()] = entry
    (corpus / MANIFEST).write_text(json.dumps(manifest))
    assert "train-00001-of-00002.parquet is missing" in problems(corpus)["names"][0]


def test_a_column_of_another_type_or_none_is_named(corpus: Path) -> None:
    path = table_paths(corpus, REJECTED)[0]
    pq.write_table(pq.read_table(path).drop_columns(["reason"]), path)
    relist(corpus, path)
    assert "the column reason is missing" in problems(corpus)["schema"][0]


DAMAGES: list[tuple[str, str, Any, str, str]] = [
    ("a text that its removals do not give", DATA, changed(text="Another text."), "removals", "data/"),
    ("the same of a document that is not kept", REJECTED, changed(text="Another text."), "removals", "rejected/"),
    ("a document twice", DATA, lambda rows: [*rows, rows[-1]], "counts", "twice"),
    ("a kept document that is not there", DATA, lambda rows: rows[1:], "counts", "not in data/"),
    ("a rejected document that is not there", REJECTED, lambda rows: rows[1:], "counts", "not in rejected/"),
    ("an input that is lost", LEDGER, lambda rows: [row for row in rows if row["state"] != "kept"], "counts", "ledger"),
    ("an input that is counted twice", LEDGER, lambda rows: [rows[0], *rows], "ledger", "twice"),
    ("an input without a reason", LEDGER, first_with("too_short", reason=""), "ledger", "no reason"),
    ("a kept input with a reason", LEDGER, first_with("kept", reason="why"), "ledger", "has a reason"),
    ("rows out of order", LEDGER, lambda rows: rows[::-1], "order", "comes after"),
    ("a duplicate of nothing", LEDGER, first_with("duplicate", duplicate_of="0" * 16), "duplicates", "not kept"),
    ("a cluster without a kept document", CLUSTERS, lambda rows: [row | {"cluster_id": "x"} for row in rows],
     "duplicates", "cluster"),
    ("a cluster that lacks a member", CLUSTERS, lambda rows: rows[:1], "duplicates", "in no cluster"),
    ("a pair that is not similar", PAIRS, changed(jaccard=0.1), "duplicates", "threshold"),
    ("a wrong size of a cluster", DATA, lambda rows: [row | {"minhash_cluster_size": 9} for row in rows],
     "duplicates", "minhash_cluster_size"),
    ("a removal beyond the text", ORIGINALS,
     lambda rows: [row | {"removals": [{"start": 0, "end": 10**6, "rule": "x", "score": 1.0}]} for row in rows],
     "removals", "too long"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "change", "check", "words"), [one[1:] for one in DAMAGES], ids=[one[0] for one in DAMAGES]
)
def test_what_does_not_fit_is_found(corpus: Path, table: str, change: Any, check: str, words: str) -> None:
    rewrite(corpus, table, change)
    found = problems(corpus)
    assert any(words in sentence for sentence in found[check]), found
    assert "files" not in found


def test_two_documents_of_a_pair_that_are_both_kept_are_found(corpus: Path) -> None:
    ids = [row["id"] for path in table_paths(corpus, DATA) for row in pq.read_table(path).to_pylist()]
    rewrite(corpus, PAIRS, lambda rows: [rows[0] | {"left_id": ids[0], "right_id": ids[1], "jaccard": 0.9}])
    assert any("both are kept" in sentence for sentence in problems(corpus)["duplicates"])


def test_the_same_corpus_has_no_difference(built: Path) -> None:
    found = diff_corpora(built, built)
    assert (found.gained, found.lost, found.changed, found.same) == (0, 0, 0, 2)
    assert (found.rules, found.languages, found.hosts, found.settings) == ((), (), (), {})


def test_hosts_with_most_changes_are_named_whole_and_the_others_summed(
    run: Callable[..., tuple[int, str, str]], built: Path, corpus: Path
) -> None:
    def move(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"site": f"host{min(number, 3)}.example"} for number, row in enumerate(rows)]

    rewrite(corpus, LEDGER, move)
    everything = diff_corpora(built, corpus, top=None)
    hosts = {one.group for one in everything.hosts}
    assert (everything.other_host_count, everything.other_hosts) == (0, ())
    assert {f"host{number}.example" for number in range(4)} <= hosts
    found = diff_corpora(built, corpus, top=1)
    named = {one.group for one in found.hosts}
    assert len(named) == 1
    assert set(found.hosts) == {one for one in everything.hosts if one.group in named}
    assert found.other_host_count == len(hosts) - 1
    for one in found.other_hosts:  # the sums of the others, by state
        rest = [each for each in everything.hosts if each.group not in named and each.state == one.state]
        assert (one.old, one.new) == (sum(each.old for each in rest), sum(each.new for each in rest))
    lines = run("diff", built, corpus, "--top", "1")[1].splitlines()
    assert any(line.startswith(f"host        and {len(hosts) - 1} more hosts together: ") for line in lines)
    assert "more host" not in run("diff", built, corpus, "--top", "0")[1]


def test_a_difference_says_what_became_of_a_document_and_which_setting_did_it(
    built: Path, inputs: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    build([inputs], other, settings=BuildSettings(workers=0, min_tokens=68, keep=("html.comments",)))
    found = diff_corpora(built, other)
    assert (found.gained, found.lost, found.changed, found.same) == (0, 1, 1, 0)
    assert found.lost_to == {"too_short": 1}
    assert "fewer than 68" in found.examples["lost"][0].reason
    assert "html.comments" in {rule.rule for rule in found.rules if rule.old > rule.new}
    assert ("en", "too_short", 0) in {(one.group, one.state, one.old) for one in found.languages}
    assert found.settings["settings.min_tokens"] == (20, 68)
    back = diff_corpora(other, built)
    assert back.gained_from == {"too_short": 1}
    assert json.loads(json.dumps(back.to_json()))["gained"] == 1


@pytest.fixture
def replayed(corpus: Path, inputs: Path) -> Iterator[Callable[[str], Replay | None]]:
    with opened_corpus(corpus) as manifest:
        yield lambda name: replay_document(corpus, name, manifest, [inputs])


def test_a_document_is_replayed_from_its_input(replayed: Callable[[str], Replay | None]) -> None:
    found = replayed("pages/library.html")
    assert found is not None
    assert found.is_sound
    assert found.as_published
    assert found.reread.same_text
    assert found.reread.same_removals
    assert found.steps[-1].left == len(found.text)
    assert "Leave a Reply" in "".join(step.text for step in found.steps)
    assert replayed("nothing") is None


def test_a_changed_input_is_told_from_a_changed_corpus(corpus: Path, inputs: Path, tmp_path: Path) -> None:
    pages = Path(shutil.copytree(inputs, tmp_path / "pages"))
    (pages / "library.html").write_text(page("A third shelf", OTHER))
    with opened_corpus(corpus) as manifest:
        found = replay_document(corpus, "pages/library.html", manifest, [pages])
        assert found is not None
        assert found.as_published
        assert not found.is_sound
        (pages / "library.html").unlink()
        without = replay_document(corpus, "pages/library.html", manifest, [pages])
        assert without is not None
        assert without.is_sound
        assert "not among the inputs" in without.reread.problem


def places(found: list[FoundDocument]) -> list[tuple[str, str, bool, tuple[str, ...]]]:
    return sorted(
        (document.key, match.text, match.removed, match.rules) for document in found for match in document.matches
    )


def test_a_corpus_that_is_not_whole_is_named_with_its_file(
    run: Callable[..., tuple[int, str, str]], corpus: Path, inputs: Path, tmp_path: Path
) -> None:
    whole = Path(shutil.copytree(corpus, tmp_path / "whole"))
    commands: list[tuple[object, ...]] = [
        ("diff", corpus, whole),
        ("diff", whole, corpus),
        ("find", "ice", "-c", corpus),
        ("report", corpus),
    ]
    (ledger,) = table_paths(corpus, LEDGER)
    ledger.write_bytes(b"")
    for command in commands:
        code, _, err = run(*command)
        assert (code, f"a table in {corpus} is damaged: {ledger.name}: " in err) == (3, True), command
    ledger.unlink()
    for command in [*commands, ("replay", corpus, "pages/library.html", "-i", inputs)]:
        code, _, err = run(*command)
        assert (code, f"{ledger} is missing: the corpus is not whole" in err) == (3, True), command
    assert run("verify", corpus)[0] == 9


def test_a_text_is_found_kept_and_removed_with_its_rule(built: Path) -> None:
    found = list(find_text(built, "leave  a REPLY"))
    assert {document.state for document in found} == {"kept", "duplicate"}
    assert {(text, removed) for _, text, removed, _ in places(found)} == {("Leave a Reply", True)}
    assert all(rules and rules[0].endswith("comments") for *_, rules in places(found))
    kept = list(find_text(built, "the ice was thick"))
    assert {(removed, rules) for _, _, removed, rules in places(kept)} == {(False, ())}


@pytest.mark.parametrize("text", ["spring it holds", "SPRING. It holds", "ring.\nIt ho", "ٹوئٹر پر شیئر"])
def test_a_text_is_found_across_lines_in_parts_of_words_and_in_other_code_points(built: Path, text: str) -> None:
    assert [key for key, *_ in places(list(find_text(built, text)))] == ["pages/library.html"]


def test_other_code_points_of_one_letter_are_one(built: Path) -> None:
    arabic = "شيئر كريں"  # Arabic yeh and kaf where the page has the Urdu ones
    assert [key for key, *_ in places(list(find_text(built, arabic)))] == ["pages/library.html"]


def test_a_text_that_is_nowhere_or_has_no_letter(built: Path) -> None:
    assert list(find_text(built, "the ice was thin")) == []
    with pytest.raises(ValueError, match="no letter"):
        list(find_text(built, " … "))


def test_the_corpus_of_a_crawl_is_sound_too(tmp_path: Path) -> None:
    capture = tmp_path / "capture"
    capture.mkdir()
    lines = [{"url": f"https://a.example/{number}", "role": "failure"} for number in range(12)]
    (capture / "urls.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (capture / "page.html").write_text(page("The frozen harbour", STORY))
    summary = build([capture], tmp_path / "out", settings=BuildSettings(workers=0))
    assert summary.inputs == 13
    assert problems(tmp_path / "out") == {}


def test_the_commands_print_lines_json_and_exit_codes(
    run: Callable[..., tuple[int, str, str]],
    corpus: Path,
    inputs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, out, err = run("verify", corpus)
    assert (code, err) == (0, "")
    assert all(" ok " in line for line in out.splitlines())
    code, out, _ = run("replay", corpus, "pages/library.html", "-i", inputs)
    assert code == 0
    assert "this is the text of the corpus" in out
    assert json.loads(run("replay", corpus, "pages/library.html", "-i", inputs, "--json")[1])["sound"] is True
    code, _, err = run("replay", corpus, "pages/picture.html")
    assert code == 3
    assert "became no document: " in err
    code, out, _ = run("find", "leave a reply", "-c", corpus, "--json")
    assert {json.loads(line)["state"] for line in out.splitlines()} == {"kept", "duplicate"}
    monkeypatch.chdir(corpus)
    assert len(run("find", "leave a reply", "--json")[1].splitlines()) == len(out.splitlines()), "this directory"
    monkeypatch.chdir(tmp_path)
    assert (run("find", "leave a reply")[0], run("find", "leave a reply")[2]) == (
        3, "saaf: no corpus here or in out/: name one with --corpus DIR\n",
    )  # fmt: skip
    code, _, err = run("find", "nowhere at all", "-c", corpus)
    assert (code, err) == (3, f"saaf: no document of {corpus}, kept or not, has this text\n")
    code, out, _ = run("diff", corpus, corpus)
    assert out.startswith("documents   0 gained, 0 lost, 0 changed, 2 the same")
    (corpus / "croissant.json").write_text("mine")
    code, out, err = run("verify", corpus, "--json")
    assert (code, json.loads(out)["sound"]) == (9, False)
    assert "1 problem" in err
    assert run("verify", tmp_path / "nothing")[0] == 3
