"""Mutation test: apply small faults to a copy of the sources, one at a time, and say which the tests catch.

    python -m benchmarks.mutants --set 1
    python -m benchmarks.mutants --only saaf/dedupe --jobs 2

It needs no data directory. The faults are in `mutants.toml`: a file, a text that it has exactly once, what that
becomes, and what users would suffer. The tests that concern the file's package run until the first that fails; without
a fault they must pass. Tests were written for the faults of set 1 that survived; set 2 was not looked at until then,
and tells how many of new faults are caught. `tests/unit/test_mutants.py` checks that each fault still fits the sources.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = Path(__file__).with_suffix(".toml")
_COPIED: Final = ("saaf", "src", "seeds", "tests", "benchmarks", "docs", "pyproject.toml", "scrapy.cfg")
# The tests of a package, by the beginning of a file's path: the first that fits, the quickest tests first.
TESTS: Final = {
    "saaf/cleaning/decision": ("unit/test_thresholds_decision.py", "unit/test_decide*.py", "golden"),
    "saaf/cleaning/rules": ("unit/test_thresholds_rules.py", "unit/test_rules.py", "unit/test_postprocess.py",
                            "golden"),
    "saaf/cleaning/site": ("unit/test_thresholds_site.py", "unit/test_profile.py", "unit/test_appended_pages.py",
                           "unit/test_site_template.py"),
    "saaf/cleaning/votes": ("unit/test_thresholds_votes.py", "unit/test_votes.py", "unit/test_schema_org.py"),
    "saaf/cleaning/metadata": ("unit/test_metadata.py", "golden"),
    "saaf/cleaning/dates": ("unit/test_dates.py", "unit/test_date_names.py", "unit/test_metadata.py"),
    "saaf/cleaning/html": ("unit/test_html.py", "unit/test_decide*.py", "unit/test_embedded_articles.py", "golden"),
    "saaf/corpus": ("unit/test_ledger.py", "unit/test_selection.py", "unit/test_schema.py",
                    "unit/test_crawl_listing.py", "unit/test_readers.py", "integration/test_build.py",
                    "integration/test_profiles.py"),
    "saaf/dedupe": ("unit/test_dedupe_clusters.py", "unit/test_dedupe_signatures.py", "unit/test_dedupe_find.py",
                    "property/test_dedupe_tokenizer.py", "property/test_dedupe_invariants.py",
                    "property/test_dedupe_engines.py", "unit/test_dedupe_accuracy.py", "unit/test_dedupe_chaining.py",
                    "unit/test_deduplicate.py"),
    "saaf/crawler": ("unit/test_crawler*.py", "unit/test_fixtures.py", "integration/test_crawl_replay.py",
                     "integration/test_crawl_live.py"),
}  # fmt: skip
_FAILED_TEST: Final = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A fault: in `file`, relative to the checkout, `old` becomes `new`; `why` is what follows for users."""

    set: int
    file: str
    old: str
    new: str
    why: str

    def apply(self, tree: Path) -> str:
        """Write the fault to the file in `tree` and return what the file was. Raises ValueError where the old text is
        not there exactly once.
        """
        path = tree / self.file
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        if before.count(self.old) != 1:
            raise ValueError(
                f"{self.file} has {before.count(self.old)} times, not once: {self.old!r}; mend {TABLE.name}"
            )
        path.write_text(before.replace(self.old, self.new), encoding="utf-8")
        return before


def load_mutants() -> tuple[Mutant, ...]:
    """Return the mutants of the table."""
    return tuple(Mutant(**row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutant"])


def suite_of(file: str) -> list[str]:
    """Return the test files and directories of a source file's package, relative to the checkout, in order."""
    patterns = next(own for beginning, own in TESTS.items() if file.startswith(beginning))
    found = [sorted((ROOT / "tests").glob(pattern)) for pattern in patterns]
    return [path.relative_to(ROOT).as_posix() for paths in found for path in paths]


def failing_test(mutant: Mutant, tree: Path) -> str | None:
    """Return the first test that fails with the mutant, None where it survives.

    Raises SystemExit where that test fails without the mutant too: it would count as having caught each.
    """
    before = mutant.apply(tree)
    try:
        failed = first_failure(suite_of(mutant.file), tree)
    finally:
        (tree / mutant.file).write_text(before, encoding="utf-8")
    if failed and first_failure([failed], tree):
        raise SystemExit(f"{failed} fails without a mutant, or cannot be run alone: mend it first")
    return failed


def first_failure(suite: Sequence[str], tree: Path) -> str | None:
    """Return the first test of `suite` that fails on the sources in `tree`, None where all pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *suite]
    # No new files of byte code: one written in the same second would hide the next mutant.
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    found = _FAILED_TEST.search(done.stdout)
    return found[1] if found else f"pytest ended with {done.returncode}: {done.stdout[-200:]}{done.stderr[-200:]}"


@contextmanager
def copied_tree() -> Iterator[Path]:
    """Give a copy of the sources and tests in a temporary directory."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        tree = Path(directory)
        for name in _COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name, symlinks=True)
            else:
                shutil.copy(ROOT / name, tree / name)
        yield tree


def run(mutants: Sequence[Mutant], jobs: int) -> Iterator[tuple[Mutant, str | None]]:
    """Yield each mutant with the test that catches it, None where none does; `jobs` are tried at a time."""
    with copied_tree() as first, copied_tree() as second, ThreadPoolExecutor(jobs) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        for tree in (first, second)[:jobs]:
            trees.put(tree)

        def try_one(mutant: Mutant) -> tuple[Mutant, str | None]:
            tree = trees.get()
            try:
                return mutant, failing_test(mutant, tree)
            finally:
                trees.put(tree)

        yield from pool.map(try_one, mutants)


def main() -> None:
    """Print a line for each mutant, and how many of each set are caught."""
    parser = argparse.ArgumentParser(description="Apply small faults, one at a time, and say which the tests catch.")
    parser.add_argument("--set", type=int, choices=(1, 2), help="the faults of this set only")
    parser.add_argument("--only", default="", help="faults in files whose path begins so only")
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=1, help="faults tried at a time")
    options = parser.parse_args()
    chosen = [one for one in load_mutants() if options.set in (None, one.set) and one.file.startswith(options.only)]
    caught = dict.fromkeys({one.set for one in chosen}, 0)
    for mutant, test in run(chosen, options.jobs):
        caught[mutant.set] += test is not None
        print(
            f"{'caught  ' if test else 'SURVIVED'}  {mutant.file}: {mutant.why}  [{test or mutant.new!r}]", flush=True
        )
    for number, count in sorted(caught.items()):
        print(f"set {number}: {count} of {sum(one.set == number for one in chosen)} caught")


if __name__ == "__main__":
    main()
