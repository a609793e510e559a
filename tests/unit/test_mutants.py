"""The table of mutants fits the sources: each text that a mutant replaces is there exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mutants import ROOT, Mutant, load_mutants, suite_of

MUTANTS = load_mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{Path(one.file).stem}: {one.why}")
def test_a_mutant_fits_the_sources_and_has_tests(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1, f"mend mutants.toml: {mutant.old!r}"
    assert mutant.old != mutant.new
    assert suite_of(mutant.file)


def test_a_mutant_is_applied_once_or_refused(tmp_path: Path) -> None:
    mutant = Mutant(set=1, file="a.py", old="x < 1", new="x <= 1", why="more")
    (tmp_path / "a.py").write_text("if x < 1:\n", encoding="utf-8")
    assert mutant.apply(tmp_path) == "if x < 1:\n"
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == "if x <= 1:\n"
    with pytest.raises(ValueError, match="0 times, not once"):
        mutant.apply(tmp_path)


def test_no_fault_is_in_both_sets() -> None:
    first, second = ({(one.file, one.old) for one in MUTANTS if one.set == number} for number in (1, 2))
    assert len(first) >= 60
    assert len(second) >= 20
    assert not first & second
