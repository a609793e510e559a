from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from saaf.corpus.ledger import Failure, State
from saaf.corpus.process_limits import Limits
from saaf.corpus.stages.engine import open_engine
from saaf.corpus.stages.frames import FrameWriter, read_body, read_frames
from saaf.corpus.stages.guard import PageGuard
from saaf.corpus.stages.tasks import Task, make_task
from saaf.corpus.workers import WorkersError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.corpus.stages.tasks import Result

LIMITS = Limits(cpu_seconds=1, memory_bytes=1 << 29)


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text + "\n")


def act(log: Path, name: str) -> str:
    """Do what a record's name says, in the process of a task."""
    append(log, name)
    if name == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == "burn":
        while True:
            pass
    if name == "killed once" and log.read_text().count(name) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "server killed once" and log.read_text().count(name) == 1:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(30)  # the kernel ends this process too
    if name == "raise":
        raise ValueError("no")
    return name.upper()


def write_frames(task: Task, guard: PageGuard) -> Result:
    """Write a frame for each record of the arguments, after those that are there; `die` ends the process."""
    log, names = task.arguments
    with FrameWriter(task.path("frames")) as frames:
        for number, name in enumerate(names, start=1):
            if number <= frames.count:
                continue
            if name == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            result = guard.call(number, partial(act, log, name), f"https://example.org/{number}")
            frames.append(name, result)
    with task.path("frames").open("rb") as stream:
        bodies = [read_body(stream, frame.offset) for frame in read_frames(task.path("frames"))]
    return {"results": [body.reason if isinstance(body, Failure) else body for body in bodies]}


def fail(task: Task, _guard: PageGuard) -> Result:
    raise OSError(28, "No space left on device", str(task.path("x")))


def run(work: Path, tasks: Sequence[Task], workers: int = 1) -> list[Result]:
    with open_engine(workers, LIMITS) as engine:
        return [result for _, result in sorted(engine.run(tasks), key=lambda item: item[0])]


def frames_task(work: Path, *names: str) -> Task:
    work.mkdir(exist_ok=True)
    return make_task(write_frames, work, names, (work / "log", names))


def test_a_record_is_not_to_blame_where_the_server_of_its_process_is_killed(tmp_path: Path) -> None:
    [result] = run(tmp_path / "work", [frames_task(tmp_path / "work", "a", "server killed once", "b")])
    assert result["results"] == ["A", "SERVER KILLED ONCE", "B"]


def test_a_record_that_ends_its_process_fails_alone_and_the_others_are_done_once(tmp_path: Path) -> None:
    task = frames_task(tmp_path / "work", "a", "crash", "b", "burn", "killed once", "raise", "c")
    (result,) = run(tmp_path, [task])
    first, crash, second, burn, killed, raised, last = result["results"]
    assert (first, second, killed, last) == ("A", "B", "KILLED ONCE", "C")
    assert "crashed the process" in crash
    assert "SIGSEGV" in crash
    assert "1 seconds of CPU time" in burn
    assert "no" in raised
    done = (tmp_path / "work" / "log").read_text().split("\n")[:-1]
    assert sorted(done) == sorted(["a", "crash", "b", "burn", "killed once", "killed once", "raise", "c"])


def test_a_task_that_is_done_is_not_done_again(tmp_path: Path) -> None:
    task = frames_task(tmp_path / "work", "a", "b")
    results = [*run(tmp_path, [task]), *run(tmp_path, [task]), *run(tmp_path, [task], workers=0)]
    assert results == [{"results": ["A", "B"]}] * 3
    assert (tmp_path / "work" / "log").read_text() == "a\nb\n"


def test_a_task_with_other_inputs_is_another_task(tmp_path: Path) -> None:
    one, other = frames_task(tmp_path, "a"), frames_task(tmp_path, "b")
    assert one.key != other.key
    assert one.key == frames_task(tmp_path, "a").key


def test_a_process_that_dies_twice_between_records_is_an_error_and_no_record_is_blamed(tmp_path: Path) -> None:
    with pytest.raises(WorkersError):
        run(tmp_path, [frames_task(tmp_path / "work", "a", "die")])


def test_what_a_task_raises_is_raised_where_the_build_runs(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        run(tmp_path, [make_task(fail, tmp_path / "work", [], None)])


def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    names = [("a", "raise"), ("b",), ("c", "d")]
    one = run(tmp_path, [frames_task(tmp_path / "one", *each) for each in names])
    two = run(tmp_path, [frames_task(tmp_path / "two", *each) for each in names], workers=2)
    assert one == two


@pytest.mark.parametrize("cut", [1, 8, 20])
def test_a_frame_that_a_kill_cut_off_is_written_again(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "frames"
    with FrameWriter(path) as frames:
        frames.append("first", "एक")
        frames.append("second", "दो" * 50)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with FrameWriter(path) as frames:
        assert frames.count == 1
        frames.append("second", "दो" * 50)
    assert path.read_bytes() == whole


def test_a_frame_that_is_damaged_is_left_out_with_all_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "frames"
    with FrameWriter(path) as frames:
        frames.append("first", b"1" * 100)
        end = path.stat().st_size
        frames.append("second", b"2" * 100)
    content = bytearray(path.read_bytes())
    content[end + 20] ^= 1
    path.write_bytes(bytes(content))
    with FrameWriter(path) as frames:
        assert frames.count == 1


def test_the_failure_of_a_record_has_its_url() -> None:
    failure = Failure(state=State.OVER_BUDGET, reason="too long")
    result: Any = PageGuard(failures={3: failure}).call(3, lambda: "read", "https://example.org/3")
    assert result == Failure(state=State.OVER_BUDGET, reason="too long", url="https://example.org/3")


def wait_for_ever(task: Task, _guard: PageGuard) -> Result:
    task.path("pid").write_text(str(os.getpid()))
    time.sleep(600)
    return {}


def test_a_task_ends_with_a_build_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.unit.test_stages import run, wait_for_ever, make_task;"
        "run(Path(sys.argv[1]), [make_task(wait_for_ever, Path(sys.argv[1]), [], None)])"
    )
    root = Path(__file__).resolve().parent.parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=root, env=environment) as build:
        deadline = time.monotonic() + 60
        while not (found := [path.read_text() for path in tmp_path.glob("*/*.pid")]) or not found[0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        build.kill()
    while Path("/proc", found[0]).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
