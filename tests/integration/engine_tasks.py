"""A driver of a cluster: runs tasks that crash and tasks whose worker is killed, prints their results, then builds.

`python -m tests.integration.engine_tasks ENGINE WORK BUILD-ARGUMENTS…`
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.cli.app import main
from saaf.corpus.process_limits import Limits
from saaf.corpus.stages.ray_engine import open_ray
from saaf.corpus.stages.spark_engine import open_spark
from saaf.corpus.stages.tasks import make_task
from tests.unit.test_stages import frames_task

if TYPE_CHECKING:
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task


def kill_worker(task: Task, _guard: PageGuard) -> Result:
    """Kill the worker that runs this task the first time, which is the parent of the parent of this process."""
    log = task.files.directory / "worker"
    if log.exists():
        return {"killed": log.read_text()}
    worker = int(Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1])
    log.write_text(Path(f"/proc/{worker}/cmdline").read_text().replace("\0", " "))
    os.kill(worker, signal.SIGKILL)
    signal.pause()
    return {}


def run_tasks(engine: str, work: Path) -> list[Result]:
    """Return the results of a task with a record that crashes, and of one whose worker is killed."""
    kill = import_module("tests.integration.engine_tasks").kill_worker  # as a worker imports it, not as __main__
    tasks = [frames_task(work, "a", "crash", "b", "burn"), make_task(kill, work, [], None)]
    with (open_ray if engine == "ray" else open_spark)(2, Limits(cpu_seconds=1), work, [work]) as cluster:
        return [result for _, result in sorted(cluster.run(tasks), key=lambda item: item[0])]


if __name__ == "__main__":
    if sys.argv[1] == "spark":  # one session for both; Ray connects in no time
        import_module("pyspark.sql").SparkSession.builder.getOrCreate()
    sys.stdout.write(json.dumps(run_tasks(sys.argv[1], Path(sys.argv[2]))) + "\n")
    sys.stdout.flush()
    sys.argv[:] = ["saaf", *sys.argv[3:]]
    main()
