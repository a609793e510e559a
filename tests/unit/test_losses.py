"""What a build may lose before it publishes nothing, and that every input is accounted for at each stage."""

import json
from pathlib import Path

import pytest

from saaf.corpus.build import build
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.file_names import DATA, WORK
from saaf.corpus.ledger import LedgerError, LossError, UnreadableError
from saaf.corpus.settings import BuildSettings
from saaf.corpus.stages import read, rows
from saaf.corpus.stages.tasks import Result

WORDS = [
    "der",
    "Hafen",
    "fror",
    "in",
    "der",
    "Nacht",
    "zu",
    "und",
    "die",
    "Boote",
    "kamen",
    "erst",
    "am",
    "Morgen",
    "zurück",
    "als",
    "der",
    "Lotse",
]


def lines(path: Path, *, short: int, long: int, host: str = "a.example") -> Path:
    texts = ["zu kurz"] * short + [" ".join([*WORDS, *(f"{word}{number}" for word in WORDS)]) for number in range(long)]
    rows = ({"text": text, "url": f"https://{host}/{number}"} for number, text in enumerate(texts))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def settings(**options: object) -> BuildSettings:
    return BuildSettings(workers=0, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("allowed", "fails"), [(0.8, False), (0.79, True)])
def test_a_host_that_loses_more_than_is_allowed_ends_the_build(tmp_path: Path, allowed: float, fails: bool) -> None:
    source, output = lines(tmp_path / "a.jsonl", short=40, long=10), tmp_path / "out"
    if not fails:
        assert build([source], output, settings=settings(max_lost=allowed)).losses == ()
        return
    with pytest.raises(LossError, match="the host a.example lost 40 of 50 documents in filtering"):
        build([source], output, settings=settings(max_lost=allowed))
    assert not (output / DATA).exists()
    assert (output / WORK).is_dir()
    assert build([source], output, settings=settings(max_lost=1.0)).documents == 10


def test_few_documents_may_all_be_lost(tmp_path: Path) -> None:
    source = lines(tmp_path / "a.jsonl", short=48, long=1)
    assert build([source], tmp_path / "out", settings=settings(max_lost=0.1)).documents == 1


def test_a_build_names_who_lost_nearly_everything_though_it_is_allowed(tmp_path: Path) -> None:
    summary = build([lines(tmp_path / "a.jsonl", short=60, long=2)], tmp_path / "out", settings=settings())
    assert any("the host a.example lost 60 of 62 documents in filtering" in line for line in summary.lines())


def test_a_language_that_was_not_asked_for_is_no_loss(tmp_path: Path) -> None:
    source = lines(tmp_path / "a.jsonl", short=60, long=2)
    build([source], tmp_path / "out", settings=settings(max_lost=0.99, languages=("hi",)))


@pytest.mark.parametrize(
    ("broken", "whole", "limit", "fails"),
    [(11, 10, None, True), (10, 10, None, False), (10, 9, None, False), (2, 2, 0.4, True), (2, 2, 0.5, False)],
)
def test_too_many_unreadable_inputs_end_the_build(
    tmp_path: Path, broken: int, whole: int, limit: float | None, fails: bool
) -> None:
    source, output = lines(tmp_path / "a.jsonl", short=0, long=whole), tmp_path / "out"
    with source.open("a") as stream:
        stream.write("{no json\n" * broken)
    if not fails:
        assert build([source], output, settings=settings(max_unreadable=limit)).documents
        return
    with pytest.raises(UnreadableError, match=f"{broken} of {broken + whole} inputs are unreadable.*a.jsonl#"):
        build([source], output, settings=settings(max_unreadable=limit))
    assert not (output / DATA).exists()
    assert build([source], output, settings=settings(max_unreadable=1.0)).documents


def test_the_limits_hold_for_dedupe_too(tmp_path: Path) -> None:
    source = lines(tmp_path / "a.jsonl", short=60, long=2)
    chosen = settings(max_lost=0.5, clean=False, min_tokens=0)
    with pytest.raises(LossError, match="near-duplicates"):
        deduplicate([source], tmp_path / "out", settings=chosen, options=DedupeOptions())


def test_an_input_that_a_stage_loses_ends_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = lines(tmp_path / "a.jsonl", short=0, long=3)
    real = rows._add_document

    def lossy(output: object, key: str, *rest: object) -> None:
        if not key.endswith("#2"):
            real(output, key, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(rows, "_add_document", lossy)
    with pytest.raises(LedgerError, match=r"3 inputs were read from a\.jsonl on, and 2 are accounted for"):
        build([source], tmp_path / "out", settings=settings())


def test_the_counts_of_a_stage_are_in_its_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results: list[Result] = []
    real = read._write_index

    def noted(*arguments: object) -> Result:
        results.append(real(*arguments))  # type: ignore[arg-type]
        return results[-1]

    monkeypatch.setattr(read, "_write_index", noted)
    build([lines(tmp_path / "a.jsonl", short=1, long=2)], tmp_path / "out", settings=settings())
    assert [result["inputs"] for result in results] == [3]


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_from_0_to_1(share: float) -> None:
    with pytest.raises(ValueError, match="max_lost is a share from 0 to 1"):
        settings(max_lost=share)
    with pytest.raises(ValueError, match="max_unreadable is a share from 0 to 1"):
        settings(max_unreadable=share)
