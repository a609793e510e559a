"""Processes that run tasks start without pandas and SciPy's linear algebra, and can import both."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import sys
import saaf.corpus.stages.preloaded, saaf.corpus.stages.preloaded_kernels
import pyarrow
pyarrow.Table.from_pylist([{"text": "कल वर्षा हुई।"}])
pyarrow.table({"words": [3]})
print(sorted({"pandas", "scipy.linalg"} & sys.modules.keys()))
import scipy.linalg
print(scipy.linalg.det([[2.0]]))
"""


def test_a_process_of_tasks_starts_without_what_no_task_needs_and_may_import_it() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.splitlines() == ["[]", "2.0"], done.stderr
