"""The fork of a command that becomes the server of its processes, and the memory that it gives back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from saaf.corpus.stages.library_pages import let_go_of_library

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = """
import fcntl, os, sys, threading
from multiprocessing import get_context
from pathlib import Path
from saaf.corpus.stages.fork_server import set_fork_aside, start_fork_server

def children():
    return {int(number) for number in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}

def answer(pipe):
    pipe.send((os.getppid(), os.readlink("/proc/self/fd/0")))

if __name__ == "__main__":
    sys.stdout.write("once ")
    wait = threading.Event()
    if "thread" in sys.argv:
        threading.Thread(target=wait.wait, name="another").start()
    lock = open(sys.argv[1], "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    set_fork_aside()
    forks = children()
    print(len(forks), flush=True)
    lock.close()
    fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)  # the fork does not hold it
    if "serve" in sys.argv:
        start_fork_server(cleans=False, many=False)
        ours, theirs = get_context("forkserver").Pipe()
        process = get_context("forkserver").Process(target=answer, args=(theirs,))
        process.start()
        server, stdin = ours.recv()
        process.join()
        print(server in forks, stdin, process.exitcode)
    wait.set()
"""


def run_script(directory: Path, *words: str) -> list[str]:
    """Run the script, and return what it printed once all of its processes have ended."""
    (directory / "script.py").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(directory / "script.py"), str(directory / "lock"), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="a new interpreter serves on other systems")
def test_a_fork_of_the_command_serves_its_processes_and_ends_with_it(tmp_path: Path) -> None:
    assert run_script(tmp_path, "serve") == ["once 1", "True /dev/null 0"]
    assert run_script(tmp_path) == ["once 1"], "it is not needed"


@pytest.mark.skipif(sys.platform != "linux", reason="a new interpreter serves on other systems")
def test_a_command_with_another_thread_is_not_forked(tmp_path: Path) -> None:
    assert run_script(tmp_path, "thread", "serve") == ["once 0", "False /dev/null 0"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is given back")
def test_a_library_whose_pages_are_let_go_of_goes_on_working() -> None:
    name = Path(etree.__file__).name
    before = resident_kilobytes(name)
    let_go_of_library(name)
    after = resident_kilobytes(name)
    assert after < before / 2
    assert etree.fromstring("<a><b/></a>")[0].tag == "b"


def resident_kilobytes(name: str) -> int:
    """Return how many KB of a library are in this process's memory."""
    found, total = False, 0
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if not line.split()[0].endswith(":"):
            found = line.endswith(name)
        elif found and line.startswith("Rss:"):
            total += int(line.split()[1])
    return total
