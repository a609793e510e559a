"""Outputs at URLs, written to a local S3 server: the corpus of a directory, and the older one whole until then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyarrow import fs

from saaf.atomic_files import BusyError
from saaf.corpus.build import build
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.output_guards import OutputError, check_output_file, check_outside_index
from saaf.corpus.readers import InputError
from saaf.corpus.remote_lock import RemoteLock, held_lock
from saaf.corpus.remote_output import build_directory
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_bytes
from tests.integration import preloaded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
BUCKET = "corpora"
OUTPUT = f"s3://{BUCKET}/news/hi"
AS_IT_IS = BuildSettings(workers=0, clean=False, min_tokens=0)


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[fs.S3FileSystem]:
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    values = {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "DEFAULT_REGION": "us-east-1"}
    for name, value in {**values, "ENDPOINT_URL": f"http://{host}:{port}"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    system = fs.S3FileSystem(endpoint_override=f"{host}:{port}", scheme="http", allow_bucket_creation=True)
    system.create_dir(BUCKET)
    yield system
    system.delete_dir_contents(BUCKET)  # which the next server of this process would have too
    server.stop()


def write_texts(path: Path, words: Sequence[str], count: int = 3) -> Path:
    rows = [
        {"url": f"https://{word}.example/{number}", "text": " ".join(f"{word}{number}{n}" for n in range(40))}
        for word in words
        for number in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def remote_bytes(system: fs.FileSystem) -> dict[str, bytes]:
    found = system.get_file_info(fs.FileSelector(OUTPUT.removeprefix("s3://"), recursive=True, allow_not_found=True))
    files = [each.path for each in found if each.type == fs.FileType.File]
    return {path.partition("/hi/")[2]: system.open_input_stream(path).read() for path in files}


def test_an_edited_card_is_kept_beside_the_new_one(
    storage: fs.S3FileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = write_texts(tmp_path / "first.jsonl", ("خبر",))
    build([first], Path(OUTPUT), settings=AS_IT_IS)
    before = remote_bytes(storage)
    notes: list[str] = []
    build([first], Path(OUTPUT), settings=AS_IT_IS, notify=notes.append)
    assert remote_bytes(storage) == before
    with storage.open_output_stream(f"{BUCKET}/news/hi/README.md") as stream:
        stream.write("میرا".encode())
    build([first], Path(OUTPUT), settings=AS_IT_IS, notify=notes.append)  # the same card, which is not uploaded else
    assert remote_bytes(storage) == before | {"README.edited.md": "میرا".encode()}
    said = f"{OUTPUT}/README.md was edited, and is written anew: your text is in {OUTPUT}/README.edited.md"
    assert notes.count(said) == 1


def test_a_corpus_is_written_to_a_bucket_and_replaced_there(
    storage: fs.S3FileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = write_texts(tmp_path / "first.jsonl", ("समाचार", "خبر", "ዜና"))
    build([first], tmp_path / "here", settings=AS_IT_IS)
    summary = build([first], Path(OUTPUT), settings=AS_IT_IS, work=tmp_path / "work")
    assert str(summary.output) == OUTPUT
    assert remote_bytes(storage) == corpus_bytes(tmp_path / "here")
    assert list((tmp_path / "work").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.jsonl", "here", "work"], "no directory s3:"
    # Another corpus has other languages: what only the older one had goes, what is of no corpus stays.
    with storage.open_output_stream(f"{BUCKET}/news/hi/notes.txt") as stream:
        stream.write(b"mine")
    second = write_texts(tmp_path / "second.jsonl", ("समाचार", "ข่าว"))
    build([second], tmp_path / "here", settings=AS_IT_IS)
    build([second], Path(OUTPUT), settings=AS_IT_IS, work=tmp_path / "work")
    assert remote_bytes(storage) == corpus_bytes(tmp_path / "here") | {"notes.txt": b"mine"}
    # Nothing good is replaced by nothing, and neither is what saaf did not write.
    before = remote_bytes(storage)
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"text": ""}\n')
    with pytest.raises(InputError, match=rf"no document is left of 1 input.* corpus in {OUTPUT} stays as it was"):
        build([empty], Path(OUTPUT), settings=AS_IT_IS, work=tmp_path / "work")
    assert remote_bytes(storage) == before
    storage.delete_file(f"{BUCKET}/news/hi/manifest.json")
    with pytest.raises(OutputError, match=r"would be replaced, and is of no corpus that saaf finished"):
        build([second], Path(OUTPUT), settings=AS_IT_IS, work=tmp_path / "work")
    with pytest.raises(InputError, match="in one another"):
        build([Path(f"{OUTPUT}/data")], Path(OUTPUT), settings=AS_IT_IS)
    with pytest.raises(OutputError, match="there is no bucket nowhere: make it first"):
        build([second], Path("s3://nowhere/x"), settings=AS_IT_IS)


def test_a_killed_upload_leaves_the_older_corpus_whole_and_the_same_command_goes_on(
    storage: fs.S3FileSystem, tmp_path: Path
) -> None:
    build([write_texts(tmp_path / "first.jsonl", ("خبر",))], Path(OUTPUT), settings=AS_IT_IS, work=tmp_path)
    before = remote_bytes(storage)
    second = write_texts(tmp_path / "second.jsonl", ("خبر", "ዜና"), count=6)
    code = (
        "import sys; from pathlib import Path; from saaf.corpus.build import build;"
        "from saaf.corpus.settings import BuildSettings as S;"
        "wait = lambda step, *counts: counts[0] == 4 and 'upload' in step and (print(flush=True), sys.stdin.read());"
        "build([Path(sys.argv[1])], Path(sys.argv[2]), settings=S(workers=0, clean=False, min_tokens=0),"
        "      work=Path(sys.argv[3]), report_progress=wait)"
    )
    command = [sys.executable, "-c", code, str(second), OUTPUT, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    there = remote_bytes(storage)
    assert {name: content for name, content in there.items() if not name.startswith((".new/", ".lock-"))} == before
    # Its lock keeps a build in another directory out, and not the one that goes on.
    with pytest.raises(BusyError, match=rf"another build is writing to {OUTPUT}, on the machine .*: wait for it"):
        build([second], Path(OUTPUT), settings=AS_IT_IS, work=tmp_path / "elsewhere")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert len(there) > len(before)
    kept = build_directory(OUTPUT, tmp_path)
    started = time.time()
    assert list((kept / ".work" / "read").glob("*.json"))
    build([second], Path(OUTPUT), settings=AS_IT_IS, work=tmp_path, report_progress=read_nothing)
    assert time.time() - started < 60
    build([second], tmp_path / "here", settings=AS_IT_IS)
    assert remote_bytes(storage) == corpus_bytes(tmp_path / "here")
    assert not kept.exists()


def test_of_two_builds_to_one_address_one_goes_on_and_a_lock_that_is_not_renewed_is_free(
    storage: fs.S3FileSystem, tmp_path: Path
) -> None:
    base = OUTPUT.removeprefix("s3://")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()

    def names() -> list[str]:
        found = storage.get_file_info(fs.FileSelector(base, allow_not_found=True))
        return [each.base_name for each in found if each.base_name.startswith(".lock-")]

    with held_lock(storage, base, OUTPUT, tmp_path / "one") as one:
        one.renew()
        one.check()
        with pytest.raises(BusyError, match="another build"), held_lock(storage, base, OUTPUT, tmp_path / "other"):
            pytest.fail("two builds have the lock")
        assert names() == [one.name], "who gives up leaves nothing"
        time.sleep(1.1)  # a storage tells seconds
        later = RemoteLock(system=storage, base=base, url=OUTPUT, name=".lock-later", lease=1.0)
        later.take()
        assert names() == [later.name]
        one.renew()
        assert names() == [later.name], "a build that was taken for dead takes nothing back"
        with pytest.raises(BusyError, match=r"was deleted, .*: see that none is running"):
            one.check()
        later.release()
    assert names() == []
    assert list(tmp_path.iterdir()) == []


def read_nothing(step: str, done: int, total: int | None) -> None:
    assert step != "reading" or done == total


def test_what_is_not_written_to_a_url_is_refused_and_makes_no_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = write_texts(tmp_path / "in.jsonl", ("خبر",))
    for url, hint in (("hf://datasets/a/b", "saaf publish OUT --to"), ("ftp://h/x", "name a directory here")):
        with pytest.raises(OutputError, match=f"a corpus is not written to {url[:2]}.*{hint}"):
            build([texts], Path(url), settings=AS_IT_IS)
    with pytest.raises(OutputError, match="directory of this machine, and not to s3://"):
        deduplicate([texts], Path("s3://b/x"), settings=AS_IT_IS, options=DedupeOptions())
    with pytest.raises(OutputError, match="not to s3://"):
        build([texts], tmp_path / "out", settings=BuildSettings(workers=0, profiles=Path("s3://b/profiles")))
    with pytest.raises(OutputError, match="not to s3://"):
        check_output_file([texts], Path("s3://b/x.parquet"))
    with pytest.raises(OutputError, match="not to gs://"):
        check_outside_index([texts], Path("gs://b/index"))
    commands = (
        ["dedupe", "in.jsonl", "-o", "s3://b/x"],
        ["clean", "in.jsonl", "-o", "s3://b/x.parquet"],
        ["index", "add", "s3://b/x", "in.jsonl"],
        ["crawl", "https://example.org/", "-o", "s3://b/x", "--user-agent", "b (+https://example.org/)"],
        ["convert", "in", "s3://b/x"],
        ["build", "in.jsonl", "-o", "ftp://h/x"],
    )
    for arguments in commands:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = preloaded.run("saaf.cli.app", *arguments, cwd=tmp_path, environment=environment)
        assert ended.returncode in {2, 3, 5, 8}, (arguments, ended.stderr)
        assert ":/" in ended.stderr, (arguments, ended.stderr)
        assert ended.stderr.count("\n") == 1, (arguments, ended.stderr)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
