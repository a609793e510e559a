from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from saaf.corpus.publish_directory import READY, complete_publication, exchange_entries, publish_directory

if TYPE_CHECKING:
    import pytest


class KilledError(BaseException):
    """A kill, as far as this process can simulate one."""


def stage(directory: Path, name: str) -> Path:
    staged = directory / "staged"
    (staged / "data" / "hin_Deva").mkdir(parents=True)
    (staged / "data" / "hin_Deva" / f"{name}.parquet").write_text(name)
    (staged / "ledger").mkdir()
    (staged / "ledger" / f"{name}.parquet").write_text(name)
    (staged / "README.md").write_text(name)
    (staged / "manifest.json").write_text(name)
    return staged


def publish(output: Path, name: str) -> None:
    publish_directory(stage(output, name), output, last="manifest.json", remove={"old.parquet", "ledger"})


def content(output: Path) -> dict[str, str]:
    return {
        path.relative_to(output).as_posix(): path.read_text()
        for path in sorted(output.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(output).parts)
    }


def corpus(name: str) -> dict[str, str]:
    files = (f"data/hin_Deva/{name}.parquet", f"ledger/{name}.parquet", "README.md", "manifest.json")
    return dict.fromkeys(files, name)


def test_a_new_corpus_takes_the_place_of_the_older_one_and_other_files_stay(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    (tmp_path / "old.parquet").write_text("stale")
    (tmp_path / "capture").mkdir()
    (tmp_path / "capture" / "page").write_text("captured")
    publish(tmp_path, "two")
    assert content(tmp_path) == corpus("two") | {"capture/page": "captured"}
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_killed_at_any_rename_the_next_command_completes_the_publication(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0
    real = {name: getattr(Path, name) for name in ("rename", "unlink", "mkdir")}

    for kill_at in range(1, 40):
        output = tmp_path / str(kill_at)
        output.mkdir()
        publish(output, "one")
        (output / "old.parquet").write_text("stale")
        staged = stage(output, "two")
        count = 0

        def step(kill_at: int = kill_at) -> None:
            nonlocal count
            count += 1
            if count == kill_at:
                raise KilledError

        def rename(self: Path, target: Path) -> Path:
            step()
            moved: Path = real["rename"](self, target)
            step()
            return moved

        def exchange(new: Path, target: Path) -> bool:
            step()
            is_done = exchange_entries(new, target)
            step()
            return is_done

        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", rename)
            try:
                publish_directory(staged, output, last="manifest.json", remove={"old.parquet"}, exchange=exchange)
            except KilledError:
                steps = kill_at
        decided = count > 1  # the first step is before the rename that decides
        for directory in ("data/hin_Deva", "ledger"):  # no directory has files of two builds, at any moment
            assert len(list((output / directory).iterdir())) == 1
        complete_publication(output)
        expected = corpus("two") if decided else corpus("one") | {"old.parquet": "stale"}
        assert {name: text for name, text in content(output).items() if not name.startswith("staged")} == expected
    assert steps > 10


def test_where_entries_cannot_be_exchanged_they_are_moved_one_after_the_other(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    staged = stage(tmp_path, "two")
    publish_directory(staged, tmp_path, last="manifest.json", remove={"ledger"}, exchange=lambda _new, _target: False)
    assert content(tmp_path) == corpus("two")


def test_what_is_half_staged_is_not_published(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    (tmp_path / READY).mkdir()
    (tmp_path / READY / "data").mkdir()
    complete_publication(tmp_path)
    assert content(tmp_path) == corpus("one")
