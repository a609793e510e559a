"""Builds on file systems that are full, read-only, or without hard links: the older corpus stays whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from saaf.corpus.build import build
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
IN_PROCESS = BuildSettings(workers=0)


def write_pages(path: Path, count: int) -> Path:
    """Write texts that do not compress."""
    draw = random.Random(count)
    texts = ["\n\n".join(" ".join(draw.randbytes(5).hex() for _ in range(700)) for _ in "ab") for _ in range(count)]
    rows = [{"url": f"https://a.example/{number}", "text": text} for number, text in enumerate(texts)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, whose size and mode `remount` changes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or shutil.which("mount") is None or mount(disk, "-t", "tmpfs", "-o", "size=60m", "none"):
        pytest.skip("needs to mount a file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def mount(disk: Path, *arguments: str) -> int:
    return subprocess.run(["mount", *arguments, str(disk)], capture_output=True, check=False).returncode


def saaf_build(*arguments: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "saaf.cli.app", "build", *map(str, arguments), "-j", "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_disk_that_is_full_or_read_only_is_one_sentence_and_the_older_corpus_is_whole(
    small_disk: Path, tmp_path: Path
) -> None:
    output = small_disk / "out"
    build([write_pages(tmp_path / "first.jsonl", 3)], output, settings=IN_PROCESS)
    before = corpus_bytes(output)
    second = write_pages(tmp_path / "second.jsonl", 40)
    used = sum(-(-path.stat().st_size // 4096) * 4 for path in output.rglob("*"))
    for more in (100, 1_600):  # while it reads, and while it writes tables
        assert not mount(small_disk, "-o", f"remount,size={used + more}k")
        ended = saaf_build(second, Path("-o"), output)
        last = ended.stderr.splitlines()[-1]
        assert ended.returncode == 5, ended.stderr
        assert last.startswith("saaf: ")
        assert "No space left on device" in last
        assert corpus_bytes(output) == before
        assert (output / ".work").is_dir()
    assert not mount(small_disk, "-o", "remount,ro,size=60m")
    ended = saaf_build(second, Path("-o"), output)
    assert ended.returncode == 5, ended.stderr
    assert "Read-only file system" in ended.stderr.splitlines()[-1]
    assert corpus_bytes(output) == before
    assert not mount(small_disk, "-o", "remount,rw,size=60m")
    assert saaf_build(second, Path("-o"), output).returncode == 0
    build([second], tmp_path / "undisturbed", settings=IN_PROCESS)
    assert corpus_bytes(output) == corpus_bytes(tmp_path / "undisturbed")
    assert not (output / ".work").exists()


def test_a_file_system_without_hard_links_gives_the_same_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = write_pages(tmp_path / "in.jsonl", 5)
    build([pages], tmp_path / "with", settings=IN_PROCESS)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    build([pages], tmp_path / "without", settings=IN_PROCESS)
    assert corpus_bytes(tmp_path / "without") == corpus_bytes(tmp_path / "with")
