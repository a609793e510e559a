"""A build that is interrupted says how to go on, goes on where it was, and gives the same bytes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from saaf.atomic_files import checksum
from saaf.corpus.build import build
from saaf.corpus.file_names import DATA, WORK
from saaf.corpus.readers import InputError
from saaf.corpus.settings import BuildSettings
from saaf.corpus.stages.work import STAGES, build_status
from tests.integration import preloaded

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = "the harbour froze in the night and the boats came back in the morning after the pilot had broken a path"
PAGES = 80


def page(number: int) -> str:
    lines = (" ".join(f"{word}{number + place}" for word in SENTENCE.split()) for place in range(6))
    return f"<html><body><h1>Story {number}</h1>{''.join(f'<p>{line}.</p>' for line in lines)}</body></html>"


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("in") / "pages.jsonl"
    rows = ({"html": page(number), "url": f"https://a.example/{number}"} for number in range(PAGES))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def contents(output: Path) -> dict[str, str]:
    paths = (path for path in sorted(output.rglob("*")) if path.is_file())
    return {path.relative_to(output).as_posix(): checksum(path) for path in paths}


def arguments(inputs: Path, output: Path) -> list[str]:
    return ["build", str(inputs), "-o", str(output), "--text-column", "html", "-j", "1"]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return preloaded.run("saaf.cli.app", *words, cwd=ROOT, environment={**os.environ, "PYTHONPATH": str(ROOT)})


def start(inputs: Path, output: Path) -> subprocess.Popen[str]:
    """Start a build in a process group of its own, and return when it has read some pages."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "saaf.cli.app", *arguments(inputs, output)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        if any(path.stat().st_size for path in output.glob(f"{WORK}/read/*.frames")):
            break
        time.sleep(0.02)
    return process


@pytest.fixture(scope="module")
def undisturbed(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    output = tmp_path_factory.mktemp("whole") / "out"
    build([inputs], output, settings=BuildSettings(text_column="html", workers=1))
    return contents(output)


@pytest.mark.parametrize(("number", "code", "words"), [
    (signal.SIGINT, 130, "interrupted; "),
    (signal.SIGTERM, 143, "asked to end (SIGTERM); "),
])  # fmt: skip
def test_a_signal_to_the_whole_group_ends_a_build_in_order(
    inputs: Path, tmp_path: Path, undisturbed: dict[str, str], number: int, code: int, words: str
) -> None:
    output = tmp_path / "out"
    process = start(inputs, output)
    status = build_status(output)
    assert status is not None
    assert status.is_running
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert errors.splitlines()[1:] == [  # after the columns of the table
        f"saaf: {words}what is done is kept in {output / WORK}: the same command goes on from there"
    ]
    assert not (output / DATA).exists()
    shown = run("status", str(output))
    assert shown.returncode == 0
    assert "not running; the same command goes on: reading and cleaning 0 of 1" in shown.stdout
    again = run(*arguments(inputs, output))
    assert again.returncode == 0
    assert "going on with an unfinished build: read 0 of 1 part of the inputs, begun 1" in again.stderr
    assert contents(output) == undisturbed
    assert not (output / WORK).exists()


def test_the_work_is_done_again_from_a_stage_on(inputs: Path, tmp_path: Path, undisturbed: dict[str, str]) -> None:
    output = tmp_path / "out"
    settings = BuildSettings(text_column="html", workers=0)

    def stop(step: str, done: int, total: int | None) -> None:
        if step == "writing the report":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build([inputs], output, settings=settings, report_progress=stop)
    directories = {path.name for path in (output / WORK).iterdir() if path.is_dir()}
    assert {"read", "rows", "captures", "decide", "publish"} <= directories
    read = {path: path.stat().st_ino for path in (output / WORK / "read").iterdir()}

    def stop_at_once(step: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build([inputs], output, settings=settings, report_progress=stop_at_once, from_stage="captures")
    left = {path.name for path in (output / WORK).iterdir() if path.is_dir()}
    assert {"read", "rows"} <= left
    assert not {"captures", "decide", "publish", "losses", "corpus"} & left
    assert {path: path.stat().st_ino for path in (output / WORK / "read").iterdir()} == read
    notes: list[str] = []
    build([inputs], output, settings=settings, notify=notes.append)
    assert notes[1:] == ["going on with an unfinished build: read 1 of 1 part of the inputs, begun 0"]
    assert contents(output) == undisturbed


def test_work_of_other_settings_is_not_used_and_said_so(inputs: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"

    def stop(step: str, done: int, total: int | None) -> None:
        if step == "filtering":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build([inputs], output, settings=BuildSettings(workers=0, text_column="html"), report_progress=stop)
    not_used = (
        "an unfinished build was of other inputs or settings, or of another version of saaf: its work is not used"
    )
    for changed, said in (({"min_tokens": 5}, "read 1 of 1 part of the inputs"), ({"timeout": 9.0}, not_used)):
        notes: list[str] = []
        settings = BuildSettings(workers=0, text_column="html", **changed)
        with pytest.raises(KeyboardInterrupt):
            build([inputs], output, settings=settings, report_progress=stop, notify=notes.append)
        assert [said in note for note in notes[1:]] == [True], "what was read holds for a later stage's settings"


def test_there_is_nothing_to_do_again_without_kept_work(inputs: Path, tmp_path: Path) -> None:
    for stage in STAGES:
        with pytest.raises(InputError, match="no unfinished build"):
            build([inputs], tmp_path / "out", settings=BuildSettings(workers=0), from_stage=stage)
