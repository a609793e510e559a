"""Commands run in forks of one process that has imported `saaf` and Scrapy: each crawl saves a second of imports.

`run` starts that process once, and asks it to fork for each command. The fork is a process of its own with the
command's arguments, environment, directory and output, as `python -m MODULE` has them, and ends as that does. Tests of
how a process starts, of signals and of memory start their own.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
TIMEOUT = 600  # seconds after which a command is killed
_LOCK = threading.Lock()
# What a crawl and a build import when they begin: all modules of these packages, and some more.
_PACKAGES = (
    "saaf",
    "scrapy.commands",
    "scrapy.downloadermiddlewares",
    "scrapy.extensions",
    "scrapy.spidermiddlewares",
)
_MODULES = (
    "datasketch",
    "multiprocessing.popen_forkserver",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.http.cookies",
    "scrapy.resolver",
    "scrapy.shell",
    "scrapy.spiderloader",
    "scrapy.statscollectors",
)
# Only the processes of workers clean pages; the browser and the engines are for those who have them.
_LEFT_OUT = ("saaf.crawler.browser", "saaf.corpus.engines", "saaf.corpus.evaluation", "scrapy.extensions.statsmailer")


def run(module: str, *arguments: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE ARGUMENTS` in a directory, with no input, and wait for it."""
    with tempfile.TemporaryDirectory() as directory:
        outputs = [Path(directory) / name for name in ("stdout", "stderr")]
        request = {
            "module": module,
            "arguments": [*arguments],
            "cwd": str(cwd),
            "environment": environment,
            "outputs": [*map(str, outputs)],
        }
        code = _ask(request)
        stdout, stderr = (path.read_text(encoding="utf-8") for path in outputs)
    return subprocess.CompletedProcess([module, *arguments], code, stdout, stderr)


def _ask(request: dict[str, Any]) -> int:
    """Return the exit code of a command, as `subprocess` gives it."""
    with _LOCK:
        requests, answers = _started()
        requests.write(json.dumps(request) + "\n")
        requests.flush()
        return int(answers.readline())


@cache
def _started() -> tuple[Any, Any]:
    """Start the process; return the stream of requests to it, and that of its answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.preloaded"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.communicate)  # its input ends, and so does it
    return process.stdin, process.stdout


def main() -> None:
    """Import what commands need, then fork for each request. A fork returns from here as the command does."""
    _prepare()
    assert "twisted.internet.reactor" not in sys.modules, "each crawl installs its own"
    assert threading.active_count() == 1, "a fork has no other threads"
    gc.collect()
    gc.freeze()  # what is there already is not copied into each fork by its collector
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as pytest, the one who asks, takes it
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            signal.signal(signal.SIGINT, interrupt)
            _become(json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _prepare() -> None:
    """Import what commands need; no import may warn of something deprecated."""
    with warnings.catch_warnings(record=True) as caught:
        for package in map(importlib.import_module, _PACKAGES):
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                if not module.name.startswith(_LEFT_OUT) and not module.name.endswith("__main__"):
                    importlib.import_module(module.name)
        for name in _MODULES:
            importlib.import_module(name)
        # Tables that a first page or text needs.
        importlib.import_module("saaf.crawler.hosts").registered_domain("www.example.org")
        importlib.import_module("saaf.dedupe.characters").packed_tables()
    assert [str(warning) for warning in caught if "Deprecat" in warning.category.__name__] == []


def _become(request: dict[str, Any]) -> None:
    """Run a command in this process, a fork, as if Python had been started for it."""
    signal.alarm(TIMEOUT)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    for number, path in enumerate(request["outputs"], start=1):
        with Path(path).open("wb") as output:
            os.dup2(output.fileno(), number)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    paths = request["environment"]["PYTHONPATH"].split(os.pathsep)
    sys.path[:] = [request["cwd"], *paths, *(path for path in sys.path if path != str(ROOT))]
    sys.argv = ["", *request["arguments"]]
    if not hasattr(sys.modules.get(request["module"]), "__path__"):
        sys.modules.pop(request["module"], None)  # it is this process's `__main__` now
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
