"""Builds on clusters of two workers on loopback: the bytes of the embedded engine, also where a worker is killed."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from saaf.corpus.build import build
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 240
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray")
needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or shutil.which("java") is None, reason="needs PySpark and Java"
)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_AUTH_MODE": "disabled", "SPARK_LOCAL_IP": "127.0.0.1"}


def write_pages(path: Path, seed: int) -> None:
    """Write 1.2 MB of pages, most of it styles, which are a partition of their own."""
    draw = random.Random(seed)
    words = [f"kalima{number}" for number in range(900)]
    with path.open("w", encoding="utf-8") as stream:
        for number in range(12):
            text = "".join(f"<p>{' '.join(draw.choices(words, k=60))}.</p>" for _ in range(6))
            style = f"<style>{'p { margin: 0 } ' * 6_200}</style>"
            page = f"<html>{style}<body><nav>Home | About</nav><article><h1>Title {number}</h1>{text}</article></html>"
            stream.write(json.dumps({"url": f"https://{seed}.example/{number}", "html": page}) + "\n")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("engines") / "in"
    directory.mkdir()
    for seed in range(5):
        write_pages(directory / f"{seed}.jsonl", seed)
    return directory


@pytest.fixture(scope="module")
def expected(inputs: Path) -> dict[str, bytes]:
    build([inputs], inputs.parent / "embedded", settings=BuildSettings(workers=2))
    return corpus_bytes(inputs.parent / "embedded")


@contextmanager
def started(command: list[str], **variables: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command, env=ENVIRONMENT | variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()  # which ends a cluster of Ray in order
        with suppress(subprocess.TimeoutExpired):
            process.wait(30 if "ray" in command[-1] else 0)
        if process.poll() is None:
            process.terminate()
        process.wait(60)
        process.stdout.close()


def build_on(engine: str, inputs: Path, lose_worker: Callable[[], None], **variables: str) -> Path:
    """Build with relative paths; lose a worker once one partition is read and the others are not."""
    output = inputs.parent / engine
    driver = [sys.executable, "-m", "tests.integration.engine_tasks", engine, str(inputs.parent / f"{engine}-tasks")]
    command = [*driver, "build", "in", "-o", engine, "--engine", engine]
    process = subprocess.Popen(
        command, cwd=inputs.parent, env=ENVIRONMENT | variables, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    end = time.monotonic() + SECONDS
    markers = output / ".work" / "read"
    while process.poll() is None and not list(markers.glob("*.json")) and time.monotonic() < end:
        time.sleep(0.05)
    read = len(list(markers.glob("*.json")))
    lose_worker()
    out, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, (out[-2_000:], errors[-2_000:])
    assert 0 < read < 5, "the worker was lost in the middle of the stage"
    frames, killed = json.loads(next(line for line in out.splitlines() if line.startswith(b"[{")))
    assert [frames["results"][place] for place in (0, 2)] == ["A", "B"], "a page that crashes costs itself alone"
    assert "SIGSEGV" in frames["results"][1]
    assert "1 seconds of CPU time" in frames["results"][3]
    assert {"ray": "ray::", "spark": "pyspark"}[engine] in killed["killed"], "a worker was killed and replaced"
    return output


@needs_ray
def test_a_ray_cluster_that_loses_a_worker_gives_the_bytes_of_one_machine(
    inputs: Path, expected: dict[str, bytes]
) -> None:
    with started([sys.executable, str(ROOT / "tests" / "integration" / "ray_cluster.py")]) as cluster:
        assert cluster.stdin is not None
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()

        def lose_worker() -> None:
            assert cluster.stdin is not None
            cluster.stdin.write("one\n")
            cluster.stdin.flush()

        output = build_on("ray", inputs, lose_worker, RAY_ADDRESS=address)
        assert cluster.stdout.readline() == "removed\n"
    assert corpus_bytes(output) == expected
    assert not (output / ".work").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@needs_spark
def test_a_spark_cluster_that_loses_a_worker_gives_the_bytes_of_one_machine(
    inputs: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    import pyspark

    home = Path(pyspark.__file__).parent
    port = free_port()
    spark = [str(home / "bin" / "spark-class"), "org.apache.spark.deploy"]
    place = ["--host", "127.0.0.1", "--webui-port", "0"]
    variables = {"SPARK_HOME": str(home), "SPARK_SCALA_VERSION": "2.13", "PYSPARK_PYTHON": sys.executable}

    def command(kind: str, *more: str) -> list[str]:
        return [spark[0], f"{spark[1]}.{kind}", *place, *more]

    worker = command(
        "worker.Worker", "--cores", "1", "--memory", "1g", "--work-dir", str(tmp_path), f"spark://127.0.0.1:{port}"
    )
    with (
        started(command("master.Master", "--port", str(port)), **variables),
        started(worker, **variables),
        started(worker, **variables) as lost,
    ):

        def lose_worker() -> None:
            os.kill(lost.pid, signal.SIGKILL)

        output = build_on("spark", inputs, lose_worker, MASTER=f"spark://127.0.0.1:{port}", **variables)
    assert corpus_bytes(output) == expected
    assert not (output / ".work").exists()
