"""The version of the cleaning is another one wherever a page may come out otherwise."""

from pathlib import Path

import pytest

from benchmarks.gate import measure
from saaf import cleaning
from saaf.cleaning import version


def test_the_version_changes_when_the_output_of_the_projects_own_pages_does() -> None:
    # The digest is part of the version: whoever changes an output has to write the new digest, and so the version.
    assert measure()[1] == version.golden_output(), "python -m benchmarks.gate says what to do"


@pytest.mark.parametrize("changed", ["golden_output.txt", "model/blocks.text.npz", "phrases/languages/hi.toml"])
def test_the_version_changes_with_the_golden_output_the_models_and_the_packs(tmp_path: Path, changed: str) -> None:
    package = tmp_path / "cleaning"
    original = Path(version.__file__).parent
    for pattern in ("*.txt", "model/*.npz", "phrases/languages/*.toml"):
        for file in original.glob(pattern):
            target = package / file.relative_to(original)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    assert version.version_of(package) == cleaning.rules_version()
    (package / changed).write_bytes((package / changed).read_bytes() + b"\n")
    assert version.version_of(package) != cleaning.rules_version()
