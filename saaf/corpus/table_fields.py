"""Fields of the Arrow schemas of tables, each with a comment that is stored in the file."""

from __future__ import annotations

import pyarrow as pa


def column(name: str, data_type: pa.DataType, comment: str, *, nullable: bool = False) -> pa.Field:
    """Return a column of a table; `comment` is stored in the file, as metadata of the field."""
    return pa.field(name, data_type, nullable=nullable, metadata={"comment": comment})
