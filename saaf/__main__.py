"""`python -m saaf`: the command `saaf`, for an environment whose commands are not on the path."""

from __future__ import annotations

from saaf.cli.app import main

if __name__ == "__main__":
    main()
