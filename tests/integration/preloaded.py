"""Commands run in forks of one process that has imported `saaf` and Scrapy: each saves a second and a half of imports.

`Command` and `run` start that process once, and ask it to fork for each command. The fork is a process of its own with
the command's arguments, environment, directory and open files, and ends as `python -m MODULE` does. `write_commands`
writes a `saaf` and a `scrapy` for shell scripts that do the same. Tests of how a process starts, of a terminal and of
memory start their own.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
TIMEOUT = 600  # seconds after which a command is killed
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
# The browser is for those who have it; peers of the cleaner are large.
# Modules for other processes alone: what they keep out of themselves, a command may need.
_LEFT_OUT = (
    "saaf.crawler.browser",
    "saaf.corpus.evaluation",
    "saaf.corpus.stages.preloaded",
    "scrapy.extensions.statsmailer",
)
# The client of shell scripts: it hands its own open files on, and ends as the command does.
_CLIENT = """\
#!{python} -SE
import json, os, signal, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    words = {{"module": {module!r}, "arguments": sys.argv[1:], "cwd": os.getcwd(), "environment": dict(os.environ)}}
    socket.send_fds(asked, [b"f"], [0, 1, 2])
    asked.sendall(json.dumps({{**words, "is_script": True}}).encode() + b"\\n")
    _, code = map(int, asked.makefile())
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


class Command:
    """A command in a fork, with the methods of `subprocess.Popen` that tests need.

    `pid` is its process; `returncode` is None until it has been waited for.
    """

    def __init__(self, module: str, *arguments: str, cwd: Path, environment: Mapping[str, str]) -> None:
        self.returncode: int | None = None
        self._outputs = (os.memfd_create("stdout"), os.memfd_create("stderr"))
        request = {"module": module, "arguments": arguments, "cwd": str(cwd), "environment": {**environment}}
        self._server = socket.socket(socket.AF_UNIX)
        self._server.connect(_started())
        with Path(os.devnull).open("rb") as nothing:
            socket.send_fds(self._server, [b"f"], [nothing.fileno(), *self._outputs])
        self._server.sendall(json.dumps(request).encode() + b"\n")
        self.pid = self._number()

    def _number(self) -> int:
        """Return the number on the next line of the answer, and read no further."""
        line = b""
        while not line.endswith(b"\n"):
            line += self._server.recv(1) or b"\n"
        return int(line)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, and return the exit code. Raises `subprocess.TimeoutExpired` after `timeout` seconds."""
        if self.returncode is None:
            if not select.select([self._server], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a command in a fork", timeout or 0)
            self.returncode = self._number()
            self._server.close()
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit code, None where the command runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """Send SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)

    def communicate(self) -> tuple[str, str]:
        """Wait for the end; return standard output and standard error."""
        self.wait()
        return _read(self._outputs[0]), _read(self._outputs[1])


def _read(output: int) -> str:
    """Return what was written to a file, and close it."""
    with os.fdopen(output, encoding="utf-8") as stream:
        stream.seek(0)
        return stream.read()


def run(module: str, *arguments: str, cwd: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE ARGUMENTS` in a directory, with no input, and wait for it."""
    command = Command(module, *arguments, cwd=cwd, environment=environment)
    stdout, stderr = command.communicate()
    assert command.returncode is not None
    return subprocess.CompletedProcess([module, *arguments], command.returncode, stdout, stderr)


def write_commands(directory: Path) -> None:
    """Write the commands `saaf` and `scrapy` for the shell into a directory: they run in forks, too."""
    for name, module in (("saaf", "saaf.cli.app"), ("scrapy", "scrapy")):
        text = _CLIENT.format(python=sys.executable, address=_started(), module=module)
        (directory / name).write_text(text, encoding="utf-8")
        (directory / name).chmod(0o755)


@cache
def _started() -> str:
    """Start the process; return the address of its socket."""
    directory = tempfile.TemporaryDirectory(prefix="saaf-tests-")
    address = f"{directory.name}/socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.preloaded", address],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", "its own error message is above this one"

    def end() -> None:
        process.communicate()  # its input ends, and so does it
        directory.cleanup()

    atexit.register(end)
    return address


def main() -> None:
    """Import what commands need, then fork for each request; a fork returns from here as the command does."""
    _prepare()
    assert "twisted.internet.reactor" not in sys.modules, "each crawl installs its own"
    assert threading.active_count() == 1, "a fork has no other threads"
    gc.collect()
    gc.freeze()  # what is there already is not copied into each fork by its collector
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # pytest, who asks, takes it
        children = 0
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            while children and os.waitpid(-1, os.WNOHANG)[0]:
                children -= 1
            if not os.fork():
                listener.close()
                signal.signal(signal.SIGINT, interrupt)
                _serve(connection)
                return
            children += 1
            connection.close()


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


def _serve(connection: socket.socket) -> None:
    """Fork once more: the child becomes the command; this process tells its number and, at its end, its exit code."""
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile() as stream:
        request = json.loads(stream.readline())
    child = os.fork()
    if not child:
        connection.close()
        _become(request, files)
        return
    connection.sendall(f"{child}\n".encode())
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(TIMEOUT)
    _, status = os.waitpid(child, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(request: Mapping[str, Any], files: Sequence[int]) -> None:
    """Run a command in this process, a fork, as if Python had been started for it."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    environment, module = request["environment"], request["module"]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(request["cwd"])
    # As `python -m` makes it, or, for a script, without the current directory.
    first = [] if request.get("is_script") else [request["cwd"]]
    paths = environment["PYTHONPATH"].split(os.pathsep)
    sys.path[:] = [*first, *paths, *(path for path in sys.path if path != str(ROOT))]
    sys.argv = [module, *request["arguments"]]
    if not hasattr(sys.modules.get(module), "__path__"):
        sys.modules.pop(module, None)  # it is this process's `__main__` now
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
