"""The command that installs an extra, for each way in which saaf may have been installed."""

from typing import Any

import pytest

from saaf.extras import install_command, install_hint


@pytest.mark.parametrize(
    ("record", "command"),
    [
        (None, "pip install 'saaf[ray]'"),
        (
            {"url": "file:///my%20src/saaf", "dir_info": {"editable": True}},
            "pip install --editable '/my src/saaf[ray]'",
        ),
        ({"url": "file:///src/saaf", "dir_info": {}}, "pip install '/src/saaf[ray]'"),
        (
            {"url": "https://example.org/saaf-1-py3-none-any.whl", "archive_info": {}},
            "pip install 'saaf[ray] @ https://example.org/saaf-1-py3-none-any.whl'",
        ),
        (
            {"url": "https://example.org/saaf.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "pip install 'saaf[ray] @ git+https://example.org/saaf.git'",
        ),
    ],
)
def test_the_command_names_what_saaf_was_installed_from(record: dict[str, Any] | None, command: str) -> None:
    assert install_command("ray", record) == command


def test_the_hint_is_the_end_of_a_sentence() -> None:
    assert install_hint("lid").startswith("install it with `pip install ")
