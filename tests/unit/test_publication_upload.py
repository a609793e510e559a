"""`saaf publish`: only a whole corpus goes, only files of the corpus go, and only where --yes is given."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from saaf.corpus.exit_codes import Exit
from saaf.corpus.publication.plan import HubTarget, PublicationError, parse_target, plan_upload
from saaf.corpus.publication.upload import upload, upload_to_hub
from tests.unit.publication_helpers import write_corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

HUB = "hf://datasets/user/name"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("whole")
    write_corpus(directory)
    return directory


@pytest.fixture
def corpus(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "corpus")


def files(directory: Path) -> dict[str, bytes]:
    found = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in found}


def test_a_dry_run_lists_each_file_with_its_checksum_and_sends_nothing(run: Run, corpus: Path) -> None:
    before = files(corpus)
    (corpus / "capture").mkdir()
    (corpus / "capture/00000.warc.gz").write_bytes(b"raw")
    (corpus / ".work").mkdir()
    (corpus / ".work/task").write_bytes(b"state")
    code, out, _ = run("publish", corpus, "--to", HUB)
    assert code == Exit.DONE
    entries = json.loads((corpus / "manifest.json").read_bytes())["files"]
    for name, entry in entries.items():
        assert f"{entry['sha256']}  {name} -> {HUB}/{name}" in out
    assert "nothing was uploaded" in out
    assert "a newer build" in out
    assert not {"capture", ".work"} & {
        line.partition("-> ")[2].partition("name/")[2].partition("/")[0] for line in out.splitlines()
    }
    assert set(files(corpus)) == {*before, "capture/00000.warc.gz", ".work/task"}


def damage_size(corpus: Path) -> None:
    with (corpus / "croissant.json").open("ab") as stream:
        stream.write(b"more")


def damage_byte(corpus: Path) -> None:
    path = corpus / "data/hin_Deva/train-00000-of-00002.parquet"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)


def lose_shard(corpus: Path) -> None:
    (corpus / "data/hin_Deva/train-00001-of-00002.parquet").unlink()


def add_shard(corpus: Path) -> None:
    shutil.copy(corpus / "data/hin_Deva/train-00000-of-00002.parquet", corpus / "data/hin_Deva/train-9.parquet")


def lose_manifest(corpus: Path) -> None:
    (corpus / "manifest.json").unlink()


def cut_manifest(corpus: Path) -> None:
    (corpus / "manifest.json").write_bytes((corpus / "manifest.json").read_bytes()[:50])


def link_outside(corpus: Path) -> None:
    path = corpus / "data/hin_Deva/train-00000-of-00002.parquet"
    path.rename(corpus.parent / "elsewhere")
    path.symlink_to(corpus.parent / "elsewhere")


def list_name(name: str) -> Callable[[Path], None]:
    def change(corpus: Path) -> None:
        path = corpus / "manifest.json"
        manifest = json.loads(path.read_bytes())
        manifest["files"][name] = manifest["files"]["README.md"]
        path.write_text(json.dumps(manifest))

    return change


def forget_card(corpus: Path) -> None:
    path = corpus / "manifest.json"
    manifest = json.loads(path.read_bytes())
    del manifest["files"]["README.md"]
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (damage_size, "croissant.json has"),
        (damage_byte, "was changed: its checksum"),
        (lose_shard, "train-00001-of-00002.parquet is missing"),
        (add_shard, "does not list: data/hin_Deva/train-9.parquet"),
        (lose_manifest, "has no manifest.json"),
        (cut_manifest, "is damaged"),
        (link_outside, "outside of the corpus"),
        (list_name("../secret"), "no file of a corpus"),
        (list_name("capture/00000.warc.gz"), "no file of a corpus"),
        (list_name("data/.work/x"), "no file of a corpus"),
        (list_name("documents.parquet"), "saaf convert"),
        (forget_card, "incomplete"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_not_the_whole_corpus_is_refused(
    run: Run, corpus: Path, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(corpus)
    code, out, err = run("publish", corpus, "--to", tmp_path / "to", "--yes")
    assert (code, out) == (Exit.INPUT, "")
    assert said in err
    assert not (tmp_path / "to").exists()


def test_with_yes_a_directory_gets_the_files_that_the_manifest_lists(run: Run, corpus: Path, tmp_path: Path) -> None:
    (corpus / "capture").mkdir()
    (corpus / "capture/00000.warc.gz").write_bytes(b"raw")
    code, out, _ = run("publish", corpus, "--to", tmp_path / "to", "--yes")
    assert code == Exit.DONE
    assert "uploaded" in out
    sent = files(tmp_path / "to")
    assert sent == {name: content for name, content in files(corpus).items() if not name.startswith("capture")}
    assert run("publish", corpus, "--to", (tmp_path / "to").as_uri(), "--yes")[0] == Exit.DONE, "once more, over itself"
    (tmp_path / "to/data/old.parquet").write_bytes(b"")
    code, _, err = run("publish", corpus, "--to", tmp_path / "to", "--yes")
    assert code == Exit.OUTPUT
    assert "has other files" in err


def test_a_storage_of_fsspec_gets_the_manifest_last(corpus: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    upload(plan_upload(corpus, "memory://bucket/name"))
    memory = fsspec.filesystem("memory")
    sent = {path.removeprefix("/bucket/name/"): memory.cat_file(path) for path in memory.find("/bucket/name")}
    assert sent == files(corpus)


@pytest.mark.parametrize(
    "to",
    ["", "hf://user/name", "hf://datasets/name", "hf://datasets/user/name/../x", "hf://models/user/name", "hf://"],
)
def test_an_address_that_names_no_data_set_is_refused(run: Run, corpus: Path, to: str) -> None:
    code, _, err = run("publish", corpus, "--to", to)
    assert code in (Exit.INPUT, Exit.USAGE)
    assert err


def test_an_unknown_scheme_is_refused(run: Run, corpus: Path) -> None:
    code, _, err = run("publish", corpus, "--to", "nosuch://bucket/name")
    assert code == Exit.INPUT
    assert "nosuch://bucket/name cannot be published to" in err


def test_a_corpus_is_not_published_into_itself(corpus: Path) -> None:
    for place in (corpus, corpus / "copy", corpus.parent):
        with pytest.raises(PublicationError, match="in one another"):
            plan_upload(corpus, str(place))


class RecordingHub:
    """The Hub's methods that an upload calls, without a network."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []

    def create_repo(self, repo_id: str, *, repo_type: str, exist_ok: bool) -> None:
        self.calls.append(("create_repo", repo_id, {"repo_type": repo_type}))

    def list_repo_files(self, repo_id: str, *, repo_type: str, revision: str | None) -> list[str]:
        return [".gitattributes", "README.md", "data/hin_Deva/train-00000-of-00009.parquet", "notes/mine.txt"]

    def create_commit(self, repo_id: str, operations: Iterable[Any], **options: Any) -> None:
        names = {one.path_in_repo: type(one).__name__ for one in operations}
        self.calls.append(("create_commit", repo_id, names | {"revision": options["revision"]}))


def test_the_hub_gets_one_commit_that_also_deletes_what_is_stale(corpus: Path) -> None:
    hub = RecordingHub()
    plan = plan_upload(corpus, f"{HUB}@v2")
    target = plan.target
    assert target == parse_target(f"{HUB}@v2/") == HubTarget(repository="user/name", revision="v2")
    assert isinstance(target, HubTarget)
    upload_to_hub(plan, target, hub)
    (_, (_, repository, names)) = hub.calls
    assert repository == "user/name"
    assert names.pop("revision") == "v2"
    deleted = {name for name, kind in names.items() if kind == "CommitOperationDelete"}
    assert deleted == {"data/hin_Deva/train-00000-of-00009.parquet"}
    assert names.keys() - deleted == files(corpus).keys()


def test_the_hub_may_refuse(corpus: Path) -> None:
    class Refusing(RecordingHub):
        def create_repo(self, repo_id: str, *, repo_type: str, exist_ok: bool) -> None:
            raise OSError("you are not logged in")

    with pytest.raises(PublicationError, match="you are not logged in"):
        upload_to_hub(plan_upload(corpus, HUB), HubTarget(repository="user/name"), Refusing())
