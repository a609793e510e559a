"""Sums of the report over more groups than fit into memory, and figures that stay small whatever the corpus."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.cleaning import Removal
from saaf.corpus.file_names import DATA, REPORTS
from saaf.corpus.ledger import State
from saaf.corpus.parquet import DamagedTableError
from saaf.corpus.report import quality_totals as quality
from saaf.corpus.report import report_figures, write_report
from saaf.corpus.report.funnel import STEPS, step_of
from saaf.corpus.report.group_sums import GroupSums, first_rows
from saaf.corpus.report.groups import MAX_GROUPS, Group
from saaf.corpus.report.totals import count_totals
from tests.unit.corpus_helpers import Row, failure, original, write_tables


def table(names: list[str]) -> pa.Table:
    numbers = pa.array(range(len(names)), pa.int64())
    return pa.table({"name": names, "inputs": numbers, "first": numbers})


def rows_of(sums: GroupSums) -> list[Row]:
    found = [row for one in sums.tables() for row in one.to_pylist()]
    return sorted(found, key=lambda row: str(row["name"]))


def test_sums_that_go_to_files_are_those_in_memory(tmp_path: Path) -> None:
    names = [[f"host{(7 * number + part) % 50}.example" for number in range(80)] for part in range(9)]
    in_memory = GroupSums(["name"], ["inputs"], least=["first"])
    in_files = GroupSums(["name"], ["inputs"], least=["first"], directory=tmp_path, max_rows=60)
    for part in names:
        in_memory.add(table(part))
        in_files.add(table(part))
    expected = rows_of(in_memory)
    assert len(expected) == 50
    assert sum(int(str(row["inputs"])) for row in expected) == 9 * sum(range(80))
    assert rows_of(in_files) == expected
    assert not list(tmp_path.iterdir())


def test_nothing_has_no_sums() -> None:
    assert rows_of(GroupSums(["name"], ["inputs"])) == []
    assert first_rows([], [("name", "ascending")], 3) is None


def test_report_json_names_a_thousand_hosts_and_sums_the_others(tmp_path: Path) -> None:
    hosts = MAX_GROUPS + 200
    rows = [original(f"{n:05}", "word " * (2 if n < 10 else 1), "kept", site=f"h{n:05}.example") for n in range(hosts)]
    corpus = write_tables(tmp_path / "corpus", rows)
    sites = json.loads(report_figures(corpus))["sites"]
    assert (sites["count"], len(sites["top"])) == (hosts, MAX_GROUPS)
    assert [site["name"] for site in sites["top"][:11]] == [f"h{n:05}.example" for n in range(11)]
    assert (sites["others"]["documents"], sites["others"]["read"]) == (200, 1000)
    page = write_report(corpus).read_text(encoding="utf-8")
    assert f"{hosts - 15:,} others" in page.replace(".<wbr>", ".")
    (corpus / "report" / "report.html").unlink()


def test_every_state_ends_at_one_step() -> None:
    for state in State:
        assert step_of(state, document=True) in {None, *STEPS}
        assert (step_of(state, document=False) is None) == (state is State.KEPT)
    assert step_of(State.TOO_SHORT, document=True) == "passed"
    assert step_of(State.DUPLICATE, document=True) == step_of(State.REPEATED, document=True) == "unique"
    assert step_of(State.RIGHTS_RESERVED, document=False) == "read"
    assert step_of(State.RIGHTS_RESERVED, document=True) == "passed"
    assert step_of(State.NOT_CONTENT, document=False) == "documents"


def test_the_funnel_loses_at_each_step_what_ended_there_and_ends_with_what_is_kept(tmp_path: Path) -> None:
    states = ["kept", "kept", "duplicate", "contained", "too_short", "repeated"]
    rows = [original(str(n), "text", state, site="a.example") for n, state in enumerate(states)]
    failures = [failure("x", "http_error", "404", site="a.example"), failure("y", "not_content", "feed")]
    failures.append(failure("z", "joined", "page 2 of a", language="en", document_id="0" * 16))
    corpus = write_tables(tmp_path / "corpus", rows, failures=failures)
    totals, _ = count_totals(corpus)
    assert next(check for check in totals.checks if "originals" in check.what).holds
    assert [(step.name, step.left, dict(step.lost)) for step in totals.steps] == [
        ("read", 8, {"http_error": 1}),
        ("documents", 6, {"joined": 1, "not_content": 1}),
        ("passed", 5, {"too_short": 1}),
        ("unique", 3, {"duplicate": 1, "repeated": 1}),
        ("kept", 2, {"contained": 1}),
    ]
    (english,) = totals.languages.top
    expected = {"inputs": 6, "documents": 6, "passed": 5, "unique": 3, "kept_documents": 2, "duplicates": 1}
    assert {name: getattr(english, name) for name in expected} == expected
    host = next(group for group in totals.sites.top if group.name)
    assert isinstance(host, Group)
    assert (host.inputs, host.documents, host.kept_documents) == (7, 6, 2)
    assert totals.sites.count == 1


def test_a_state_that_this_version_does_not_know_is_said(tmp_path: Path) -> None:
    corpus = write_tables(tmp_path / "corpus", [], failures=[failure("x", "teleported", "from the future")])
    with pytest.raises(DamagedTableError, match="state 'teleported', which this version does not know"):
        report_figures(corpus)


def test_what_a_profile_removed_is_counted_by_host_with_examples_and_the_way_to_refuse_it(tmp_path: Path) -> None:
    removals = (
        Removal(start=0, end=9, rule="profile.repeated"),
        Removal(start=10, end=14, rule="profile.run"),
        Removal(start=15, end=18, rule="html.share"),
    )
    rows = [original(str(n), "Tell mama Menu Fb The story.", "kept", removals, site="a.example") for n in range(3)]
    rows.append(original("9", "Menu", "kept", site="b.example"))
    corpus = write_tables(tmp_path / "corpus", rows)
    profiles = count_totals(corpus)[0].profiles
    (site,) = profiles.top
    assert (profiles.count, profiles.blocks, profiles.characters) == (1, 6, 39)
    assert (site.name, site.documents, site.blocks, site.first) == ("a.example", 3, 6, 0)
    page = write_report(corpus).read_text(encoding="utf-8")
    section = page.partition('<section id="profiles">')[2].partition("</section>")[0]
    assert "Tell mama" in section
    assert "--keep &#39;profile.*&#39;" in section or "--keep 'profile.*'" in section
    assert "--profiles" in section


def add_columns(corpus: Path, **columns: list[object]) -> None:
    for path in (corpus / DATA).rglob("*.parquet"):
        rows = pq.read_table(path)
        for name, values in columns.items():
            field = pa.field(name, pa.array(values).type, metadata={"comment": f"about {name}"})
            rows = rows.drop_columns([each for each in rows.column_names if each == name])
            rows = rows.append_column(field, pa.array(values))
        pq.write_table(rows, path)


def test_quality_is_told_by_quantiles_and_personal_data_by_kind(tmp_path: Path) -> None:
    corpus = write_tables(tmp_path / "corpus", [original(f"{n:02}", "text", "kept") for n in range(21)])
    assert count_totals(corpus)[0].quality.sampled == 0
    add_columns(
        corpus,
        quality_words=list(range(21)),
        extraction_quality=[0.5] * 20 + [None],
        pii_email=[2] * 21,
        quality_name=["x"] * 21,
    )
    totals = count_totals(corpus)[0].quality
    found = {row.signal: row for row in totals.distributions}
    assert set(found) == {"quality_words", "extraction_quality"}
    assert found["quality_words"].quantiles == (1.0, 5.0, 10.0, 15.0, 19.0)
    assert found["extraction_quality"].documents == 20
    assert dict(totals.extraction_quality)[0.5] == 20
    assert totals.personal_data == {"email": 42}
    page = write_report(corpus).read_text(encoding="utf-8")
    assert "about quality_words" in page
    assert "expected F1" in page


def test_a_sample_of_quality_is_of_every_nth_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "SAMPLED", 10)
    sample = quality.Sample()
    for start in range(0, 64, 8):
        sample.add(pa.table({"n": np.arange(start, start + 8)}))
    rows = sample.table()
    assert rows is not None
    assert rows["n"].to_pylist() == list(range(0, 64, 8))


def test_a_corpus_without_urls_has_no_table_of_hosts_and_names_its_inputs(tmp_path: Path) -> None:
    rows = [original("texts/a.txt", "one text", "kept"), original("texts/b.txt", "one text", "duplicate")]
    members = [
        {"cluster_id": rows[0]["id"], "document_id": row["id"], "url": None, "site": "", "language": "en"}
        | {"representative": row is rows[0], "why": "the longest", "jaccard": 1.0}
        for row in rows
    ]
    corpus = write_tables(tmp_path / "corpus", rows, clusters=members)
    page = write_report(corpus).read_text(encoding="utf-8")
    assert "By host" not in page
    assert "by host" not in page
    assert "Hosts" not in page.partition("<main>")[0]
    clusters = page.partition('<article class="cluster">')[2]
    assert "texts/a.txt" in clusters
    assert "texts/b.txt" in clusters


def test_the_manifest_has_the_checksums_of_a_report_that_was_written_again(tmp_path: Path) -> None:
    corpus = write_tables(tmp_path / "corpus", [original("a", "text", "kept")])
    manifest = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = {name: {"bytes": 1, "sha256": "0"} for name in REPORTS}
    (corpus / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_report(corpus)
    files = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert [files[name]["bytes"] for name in REPORTS] == [(corpus / name).stat().st_size for name in REPORTS]
    content = (corpus / "manifest.json").read_bytes()
    write_report(corpus, tmp_path / "elsewhere")
    assert (corpus / "manifest.json").read_bytes() == content
    assert (tmp_path / "elsewhere" / "report.json").read_text(encoding="utf-8") == report_figures(corpus)
