"""Test helpers: documents to put into an index, and scripts that run in a process of their own, to be killed there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from saaf.corpus.outcomes import DocumentSummary

ROOT = Path(__file__).resolve().parents[2]


def summary(name: str) -> DocumentSummary:
    """Return what a build knows of a document."""
    return DocumentSummary(
        number=0,
        key=name,
        file_path="",
        id=name,
        url=None,
        site="",
        language="en",
        script="Latn",
        fetched_at=None,
        tokens=1,
        characters=1,
        removed=0,
        quality=(0.0,),
    )


def run_script(script: str, directory: Path) -> str:
    """Return what a Python script prints that is given a directory; fail with its message where it fails."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(directory)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
