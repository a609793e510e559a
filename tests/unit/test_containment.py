"""`saaf dedupe --containment`: what is listed, what is set aside for which document, and what never is."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from saaf.corpus.containment import ContainmentOptions
from saaf.corpus.deduplicate import DedupeOptions, DedupeSummary, deduplicate
from saaf.corpus.exit_codes import Exit
from saaf.corpus.paragraphs import ParagraphOptions
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_rows, corpus_table

_WORDS = [f"word{number}" for number in range(3000)]
_HINDI = [f"{a}{b}" for a in "कखगघचछजझटठडढतथदधनपफबभमयरलवशसह" for b in ("ा", "ि", "ी", "ु", "े", "ो", "ं")]
REMOVE = ContainmentOptions(share=0.8, remove=True)


def draw(seed: int, length: int, known: Sequence[str] = _WORDS) -> list[str]:
    return random.Random(seed).choices(known, k=length)


def deduplicated(output: Path, documents: Mapping[str, Sequence[str]], **options: object) -> DedupeSummary:
    """Deduplicate documents, given as words by name, and return the summary."""
    path = output.parent / "in.jsonl"
    rows = ({"url": f"https://{name}.example/", "text": " ".join(words)} for name, words in documents.items())
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    settings = BuildSettings(clean=False, min_tokens=0, workers=0)
    return deduplicate([path], output, settings=settings, options=DedupeOptions(**options))  # type: ignore[arg-type]  # as given


def states(output: Path) -> dict[str, tuple[str, str | None]]:
    """Return the state of each document, and the name of the one it is a copy of."""
    rows = corpus_rows(output, "ledger")
    names = {row["document_id"]: row["site"].removesuffix(".example") for row in rows}
    return {names[row["document_id"]]: (row["state"], names.get(row["duplicate_of"])) for row in rows}


def contained(output: Path) -> list[dict[str, object]]:
    return corpus_rows(output, "contained")


@pytest.mark.parametrize("known", [_WORDS, _HINDI])
@pytest.mark.parametrize("remove", [False, True])
def test_an_agency_text_in_a_page_is_listed_and_by_choice_set_aside(
    tmp_path: Path, known: list[str], remove: bool
) -> None:
    agency, page = draw(1, 300, known), draw(2, 500, known)
    documents = {"agency": agency, "page": page[:200] + agency + page[200:], "other": draw(3, 400, known)}
    options = ContainmentOptions(share=0.8, remove=remove)
    summary = deduplicated(tmp_path / "out", documents, containment=options)
    [row] = contained(tmp_path / "out")
    texts = {each["id"]: each["text"] for each in corpus_rows(tmp_path / "out", "originals")}
    assert texts[row["containing_id"]][row["start"] : row["end"]] == texts[row["document_id"]] == " ".join(agency)
    assert (row["share"], row["removed"], summary.contained) == (1.0, remove, 1)
    aside = ("contained", "page") if remove else ("kept", None)
    assert states(tmp_path / "out") == {"agency": aside, "page": ("kept", None), "other": ("kept", None)}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert manifest["settings"]["containment"] == {"share": 0.8, "remove": remove}
    assert manifest["files"]["dedup/contained.parquet"]["rows"] == 1
    assert (
        "stands inside a longer kept document" in (tmp_path / "out" / "report" / "report.html").read_text()
        or not remove
    )


def test_nothing_is_looked_for_unless_it_is_asked_for(tmp_path: Path) -> None:
    agency = draw(1, 100)
    summary = deduplicated(tmp_path / "out", {"agency": agency, "page": agency + draw(2, 300)})
    assert contained(tmp_path / "out") == []
    assert summary.contained is None
    assert {state for state, _ in states(tmp_path / "out").values()} == {"kept"}


def test_a_document_is_never_set_aside_for_one_that_is_not_kept(tmp_path: Path) -> None:
    short = draw(1, 100)
    middle = short[:90] + draw(2, 200)  # 88 of 98 shingles of the short one
    long = middle[10:] + draw(3, 600)  # of the middle one 278 of 288, of the short one 78 of 98: under the threshold
    deduplicated(tmp_path / "out", {"short": short, "middle": middle, "long": long}, containment=REMOVE)
    assert states(tmp_path / "out") == {
        "short": ("kept", None),
        "middle": ("contained", "long"),
        "long": ("kept", None),
    }


def test_a_chain_leads_to_the_longest_where_it_holds_all(tmp_path: Path) -> None:
    short = draw(1, 60)
    middle = short + draw(2, 100)
    long = middle + draw(3, 200)
    deduplicated(tmp_path / "out", {"a": short, "b": middle, "c": long}, containment=REMOVE)
    assert states(tmp_path / "out") == {"a": ("contained", "c"), "b": ("contained", "c"), "c": ("kept", None)}


def test_near_duplicates_of_a_contained_document_are_set_aside_with_it(tmp_path: Path) -> None:
    agency = draw(1, 200)
    copy = [*agency[:100], "another", *agency[101:]]
    deduplicated(tmp_path / "out", {"a": agency, "b": copy, "page": agency + draw(2, 400)}, containment=REMOVE)
    assert states(tmp_path / "out") == {"a": ("contained", "page"), "b": ("contained", "page"), "page": ("kept", None)}
    assert corpus_table(tmp_path / "out", "clusters").num_rows == 0
    assert [row["removed"] for row in contained(tmp_path / "out")] == [True, True]


def test_a_document_stays_where_a_near_duplicate_of_it_says_more_than_the_longer_one(tmp_path: Path) -> None:
    agency = draw(1, 200)
    copy = agency[40:] + draw(4, 5)  # near-duplicate of the first, of which it lacks a fifth
    page = agency[:170] + draw(2, 400)  # has 168 of 198 shingles of the first, and 128 of 163 of the second
    deduplicated(tmp_path / "out", {"a": agency, "b": copy, "page": page}, containment=REMOVE)
    found = states(tmp_path / "out")
    assert found["b"] == ("duplicate", "a")
    assert found["a"] == found["page"] == ("kept", None)
    assert [row["removed"] for row in contained(tmp_path / "out")] == [False]


def test_the_first_of_a_repeated_paragraph_is_not_lost_with_a_contained_document(tmp_path: Path) -> None:
    agency = draw(1, 100)
    documents = {"a": agency, "b": [*draw(2, 300), "\n\n", *agency]}
    keep_first = ParagraphOptions(keep_first=True)
    deduplicated(tmp_path / "out", documents, containment=REMOVE, paragraphs=keep_first)
    [row] = corpus_rows(tmp_path / "out", "documents")
    assert " ".join(agency) in row["text"]


def test_the_order_of_the_input_leaves_no_trace(tmp_path: Path) -> None:
    agency = draw(1, 100)
    documents = {"a": agency, "b": agency[:90] + draw(2, 200), "c": draw(3, 200) + agency[5:], "d": draw(4, 200)}
    outputs = []
    for name, order in (("one", documents), ("other", dict(reversed(documents.items())))):
        deduplicated(tmp_path / name, order, containment=REMOVE)
        outputs.append((tmp_path / name / "dedup" / "contained.parquet").read_bytes())
        assert states(tmp_path / name) == states(tmp_path / "one")
    assert outputs[0] == outputs[1]


def test_what_was_not_compared_is_in_the_manifest(tmp_path: Path) -> None:
    notice = draw(12, 60)
    documents = {"notice": notice} | {f"p{n}": draw(100 + n, 100 + n) + notice for n in range(90)}
    deduplicated(tmp_path / "out", documents, containment=REMOVE)
    omitted = json.loads((tmp_path / "out" / "manifest.json").read_bytes())["containment_omitted"]
    assert omitted["texts"] >= 1
    assert states(tmp_path / "out")["notice"][0] == "contained"


@pytest.mark.parametrize(("choice", "aside"), [("report", 0), ("remove", 1)])
def test_the_command_says_how_many_there_are(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]], choice: str, aside: int
) -> None:
    agency = draw(1, 100)
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"text": " ".join(words)}) + "\n" for words in (agency, draw(2, 200) + agency)))
    code, out, _ = run("dedupe", path, "-o", tmp_path / "out", "--containment", "0.8", "--contained", choice)
    assert code == Exit.DONE
    assert f"contained   1 inside longer documents, {aside} set aside\n" in out
    code, out, _ = run("dedupe", path, "-o", tmp_path / "out")
    assert code == Exit.DONE
    assert "contained" not in out


def test_to_remove_what_is_not_looked_for_says_what_to_give(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    code, _, error = run("dedupe", tmp_path, "-o", tmp_path / "out", "--contained", "remove")
    assert code == Exit.USAGE
    assert "give --containment 0.8" in error
