"""The work of a build: one that is killed while it deletes it leaves nothing that the next one trusts."""

from pathlib import Path

from saaf.corpus.build import build
from saaf.corpus.file_names import WORK
from saaf.corpus.settings import BuildSettings
from saaf.corpus.stages.work import delete_work


def test_what_a_killed_deletion_left_is_deleted_by_the_next_build(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title>Ferry</title>{'<p>The ferry to the old harbour goes at six.</p>' * 5}")
    out = tmp_path / "out"
    left = out / f"{WORK}-done" / "read"
    left.mkdir(parents=True)
    (left / "0123.json").write_text("{}")
    assert build([page], out, settings=BuildSettings(workers=0)).inputs == 1
    assert not [path.name for path in out.iterdir() if path.name.startswith(WORK)]


def test_work_is_deleted_although_an_earlier_deletion_did_not_end(tmp_path: Path) -> None:
    for name in (WORK, f"{WORK}-done"):
        (tmp_path / name / "read").mkdir(parents=True)
    delete_work(tmp_path / WORK)
    assert not list(tmp_path.iterdir())
