"""Uploads of a corpus: to the Hugging Face Hub in one commit, to a directory or a storage with the manifest last."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
from pyarrow import fs

from saaf.corpus.file_names import CARD, CROISSANT, DIRECTORIES
from saaf.corpus.publication.plan import HubTarget, PublicationError
from saaf.extras import NotInstalledError, install_hint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from saaf.corpus.publication.plan import UploadPlan

    ReportProgress = Callable[[str, int, int | None], None]

_COMMIT_FILES = 25_000  # the Hub's limit
_PIECE = 1 << 22


class HubApi(Protocol):
    """The methods of `huggingface_hub.HfApi` that an upload calls."""

    def create_repo(self, repo_id: str, *, repo_type: str, exist_ok: bool) -> Any:
        """Make a repository, unless it is there."""

    def list_repo_files(self, repo_id: str, *, repo_type: str, revision: str | None) -> Iterable[str]:
        """Return the paths of all files."""

    def create_commit(self, repo_id: str, operations: Iterable[Any], **options: Any) -> Any:
        """Add and delete files in one step."""


def upload(plan: UploadPlan, report_progress: ReportProgress | None = None) -> None:
    """Do what a plan says. Raises `PublicationError` where the target cannot be used or has other files."""
    report = report_progress or (lambda _step, _done, _total: None)
    if isinstance(plan.target, HubTarget):
        upload_to_hub(plan, plan.target, _hub_api())
    else:
        _upload_to_storage(plan, *_open_target(plan.target), report)


def _hub_api() -> HubApi:
    api: HubApi = _import_extra("huggingface_hub", "uploads to the Hub need").HfApi(library_name="saaf")
    return api


def _import_extra(name: str, need: str) -> Any:
    """Return a package of the extra saaf[hub], which is imported where it is used."""
    try:
        return import_module(name)
    except ImportError:
        raise NotInstalledError(f"{need} the package {name}: {install_hint('hub')}") from None


def upload_to_hub(plan: UploadPlan, target: HubTarget, api: HubApi) -> None:
    """Upload a corpus in one commit, which also deletes the files of an older corpus that this one has not.

    Files outside of the layout of a corpus stay, such as .gitattributes. Raises `PublicationError` with what the Hub
    or the network answered.
    """
    hub = _import_extra("huggingface_hub", "uploads to the Hub need")
    if len(plan.files) > _COMMIT_FILES:
        raise PublicationError(
            f"{len(plan.files):,} files are more than the {_COMMIT_FILES:,} that the Hub takes at once: upload the "
            "directory with `hf upload-large-folder`"
        )
    before = f"{target.path}/" if target.path else ""
    try:
        api.create_repo(target.repository, repo_type="dataset", exist_ok=True)
        there = api.list_repo_files(target.repository, repo_type="dataset", revision=target.revision)
        ours = {before + file.name for file in plan.files}
        stale = sorted(name for name in set(there) - ours if _is_of_a_corpus(name, before))
        operations: list[Any] = [
            hub.CommitOperationAdd(path_in_repo=before + file.name, path_or_fileobj=plan.corpus / file.name)
            for file in plan.files
        ]
        operations += [hub.CommitOperationDelete(path_in_repo=name) for name in stale]
        api.create_commit(
            target.repository,
            operations,
            commit_message="Publish the corpus",
            repo_type="dataset",
            revision=target.revision,
        )
    except Exception as error:  # the client raises errors of several libraries for HTTP, which have no common class
        raise PublicationError(f"the upload to hf://datasets/{target.repository} failed: {error}") from error


def _is_of_a_corpus(name: str, before: str) -> bool:
    if not name.startswith(before):
        return False
    own = name.removeprefix(before)
    return own in (CARD, CROISSANT) or own.partition("/")[0] in DIRECTORIES


def _open_target(target: str | Path) -> tuple[fs.FileSystem, str]:
    """Return the file system of an address, and the path in it. Raises `PublicationError` for an unknown scheme."""
    if isinstance(target, Path):
        return fs.LocalFileSystem(), str(target.absolute())
    try:
        system, path = fs.FileSystem.from_uri(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        system, path = _open_with_fsspec(target)
    except OSError as error:
        raise PublicationError(f"{target} cannot be reached: {error}") from error
    return system, path.rstrip("/")


def _open_with_fsspec(target: str) -> tuple[fs.FileSystem, str]:
    core = _import_extra("fsspec.core", f"the scheme of {target} needs")
    try:
        system, path = core.url_to_fs(target)
    except (ValueError, ImportError) as error:
        raise PublicationError(f"{target} cannot be published to: {error}") from error
    return fs.PyFileSystem(fs.FSSpecHandler(system)), str(path)


def _upload_to_storage(plan: UploadPlan, system: fs.FileSystem, base: str, report: ReportProgress) -> None:
    """Copy the files, the manifest last: where there is a manifest, there is everything that it lists."""
    planned = {f"{base}/{file.name}" for file in plan.files}
    try:
        found = system.get_file_info(fs.FileSelector(base, recursive=True, allow_not_found=True))
        others = sorted(info.path for info in found if info.type == fs.FileType.File and info.path not in planned)
        if others:
            raise PublicationError(
                f"{plan.target} has other files, such as {others[0]}: name an empty place, or delete them first"
            )
        last = f"{base}/{plan.files[-1].name}"
        if any(info.path == last for info in found):
            system.delete_file(last)
        for number, file in enumerate(plan.files):
            report("uploading files", number, len(plan.files))
            path = f"{base}/{file.name}"
            system.create_dir(path.rpartition("/")[0], recursive=True)
            _copy(plan.corpus / file.name, system, path)
    except (OSError, pa.ArrowException) as error:
        raise PublicationError(
            f"the upload to {plan.target} failed: {error}; the same command uploads all files again"
        ) from error


def _copy(source: Path, system: fs.FileSystem, path: str) -> None:
    with source.open("rb") as stream, system.open_output_stream(path, compression=None) as sink:
        while piece := stream.read(_PIECE):
            sink.write(piece)
