"""Types of columns that other people's tables have: one type for a column that several tables hold, and its values.

Two types that are the same stay. Nothing and another type are the other; integers and floats are floats; dates and
timestamps are timestamps. Lists and objects are merged by what is in them. All else is a string, in which lists and
objects are JSON.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from saaf.cleaning.text.control_characters import mend_surrogates
from saaf.corpus.parquet import replace_surrogates

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEPTH: Final = 8  # of lists and objects in each other; what is deeper is JSON
_FIELDS: Final = 200  # of an object; one with more has keys that are values: it is JSON
_INTEGERS: Final = range(-(1 << 63), 1 << 63)
_BINARY: Final = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
_PUBLISHED: Final = (
    pa.types.is_null,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_string,
    pa.types.is_binary,
    pa.types.is_date,
    pa.types.is_timestamp,
    pa.types.is_decimal,
)
_DECIMAL_DIGITS: Final = 38  # the most that Spark and polars read
_CAST_FAILS: Final = (pa.ArrowException, ValueError, TypeError, OverflowError, KeyError)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type that a column of a type is published as: one that every reader of Parquet knows."""
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return plain_type(kind.storage_type)
    if pa.types.is_large_string(kind) or str(kind) == "string_view":
        return pa.string()
    if pa.types.is_fixed_size_binary(kind) or pa.types.is_large_binary(kind) or str(kind) == "binary_view":
        return pa.binary()
    if pa.types.is_map(kind):
        pair = [("key", plain_type(kind.key_type)), ("value", plain_type(kind.item_type))]
        return pa.list_(pa.struct(pair))
    if _is_list(kind):
        return pa.list_(plain_type(kind.value_type))
    if pa.types.is_struct(kind):
        names = [field.name for field in kind]
        if not names or len(set(names)) < len(names):
            return pa.string()
        return pa.struct([(field.name, plain_type(field.type)) for field in kind])
    return _simple_type(kind)


def _simple_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of a column of single values: Spark reads no half floats, nanoseconds and times of day."""
    if pa.types.is_float16(kind):
        return pa.float32()
    if pa.types.is_timestamp(kind):
        return _readable_timestamp(kind)
    if pa.types.is_decimal(kind) and kind.precision > _DECIMAL_DIGITS:
        return pa.string()
    return kind if any(check(kind) for check in _PUBLISHED) else pa.string()


def _readable_timestamp(kind: pa.TimestampType) -> pa.DataType:
    """Return a type without nanoseconds, in UTC where nobody knows the zone: the instants are the same."""
    return pa.timestamp("us" if kind.unit == "ns" else kind.unit, kind.tz and _known_zone(kind.tz))


@cache  # a function of the installed zones alone
def _known_zone(name: str) -> str:
    try:
        pa.scalar(0, pa.timestamp("us", name)).as_py()
    except _CAST_FAILS:
        return "UTC"
    return name


def _is_list(kind: pa.DataType) -> bool:
    checks = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(check(kind) for check in checks) or str(kind).startswith(("list_view", "large_list_view"))


def merge_types(left: pa.DataType, right: pa.DataType) -> pa.DataType:
    """Return the type of a column that has values of two types, both as `plain_type` and `value_type` return them."""
    if left.equals(right) or pa.types.is_null(right):
        return left
    if pa.types.is_null(left):
        return right
    if pa.types.is_list(left) and pa.types.is_list(right):
        return pa.list_(merge_types(left.value_type, right.value_type))
    if pa.types.is_struct(left) and pa.types.is_struct(right):
        return _merge_objects(left, right)
    both = (left, right)
    if all(pa.types.is_integer(kind) for kind in both):
        return _merge_integers(left, right)
    if all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in both):
        return pa.float64()
    if all(pa.types.is_date(kind) or pa.types.is_timestamp(kind) for kind in both):
        with_zone = any(pa.types.is_timestamp(kind) and kind.tz for kind in both)
        return pa.timestamp("us", "UTC" if with_zone else None)
    return pa.string()


def _merge_integers(left: pa.DataType, right: pa.DataType) -> pa.DataType:
    """Return the integers that hold both: of 64 bits, or a string where none does."""
    if pa.types.is_signed_integer(left) == pa.types.is_signed_integer(right):
        return left if left.bit_width >= right.bit_width else right
    return pa.string() if pa.uint64() in (left, right) else pa.int64()


def _merge_objects(left: pa.StructType, right: pa.StructType) -> pa.DataType:
    kinds = {field.name: field.type for field in left}
    for field in right:
        kinds[field.name] = merge_types(kinds[field.name], field.type) if field.name in kinds else field.type
    return pa.string() if len(kinds) > _FIELDS else pa.struct(list(kinds.items()))


def value_type(value: object, depth: int = 0) -> pa.DataType:
    """Return the type of a value of JSON, or of another one that Python has for a value of a table."""
    if value is None:
        return pa.null()
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, int):
        return pa.int64() if value in _INTEGERS else pa.string()
    if isinstance(value, float):
        return pa.float64()
    if isinstance(value, dict) and not value:
        return pa.null()
    if isinstance(value, dict) and len(value) <= _FIELDS and depth < _DEPTH:
        return pa.struct([(str(name), value_type(each, depth + 1)) for name, each in value.items()])
    if isinstance(value, list) and depth < _DEPTH:
        inner = pa.null()
        for each in value:
            inner = merge_types(inner, value_type(each, depth + 1))
        return pa.list_(inner)
    return pa.string()


def to_array(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Return values as an array of a type that their types were merged to; what does not fit is null."""
    fitted = [fit_value(value, kind) for value in values]
    try:
        return pa.array(fitted, kind)
    except UnicodeEncodeError:  # half a surrogate pair, as JSON can spell it
        return pa.array([replace_surrogates(value) for value in fitted], kind)


def fit_value(value: Any, kind: pa.DataType) -> Any:
    """Return a value as one of a type; None where it is none."""
    if value is None or pa.types.is_null(kind):
        return None
    if pa.types.is_string(kind):
        return text_of(value)
    if pa.types.is_struct(kind):
        if not isinstance(value, dict):
            return None
        return {field.name: fit_value(value.get(field.name), field.type) for field in kind}
    if pa.types.is_list(kind):
        if isinstance(value, dict) or not hasattr(value, "__iter__") or isinstance(value, str | bytes):
            return None
        return [fit_value(_pair(each, kind.value_type), kind.value_type) for each in value]
    try:
        return pa.scalar(_simple(value, kind), kind).as_py() if not pa.types.is_floating(kind) else float(value)
    except _CAST_FAILS:
        return None


def _pair(value: Any, kind: pa.DataType) -> Any:
    """Return an entry of a map, which is a pair of key and value, as an object."""
    is_entry = isinstance(value, tuple) and pa.types.is_struct(kind)
    return {"key": value[0], "value": value[1]} if is_entry else value


def _simple(value: Any, kind: pa.DataType) -> Any:
    if pa.types.is_timestamp(kind) and isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        if kind.tz:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return value


def text_of(value: object) -> str:
    """Return a value as a text: itself, or as JSON writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool | int | float | dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=text_of)
    return str(value)


def convert(column: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """Return a column as one of a type that its own was merged to."""
    if column.type.equals(kind):
        return column
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), kind)
    simple = not pa.types.is_nested(column.type) and not any(check(column.type) for check in _BINARY)
    if simple and not (pa.types.is_string(kind) and pa.types.is_temporal(column.type)):
        try:
            return pc.cast(column, kind, safe=not pa.types.is_floating(kind))
        except pa.ArrowException:
            pass
    return to_array(column.to_pylist(), kind)


def with_readable_timestamps(kind: pa.DataType) -> pa.DataType:
    """Return a type whose timestamps, those within lists and objects too, are ones that Python has."""
    if pa.types.is_timestamp(kind):
        return _readable_timestamp(kind)
    if pa.types.is_list(kind):
        return pa.list_(with_readable_timestamps(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, with_readable_timestamps(field.type)) for field in kind])
    return kind


def plain_column(column: pa.Array) -> pa.Array:
    """Return a column, whose values are valid, with the type that it is published as; null where that has no value."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    try:
        readable = with_readable_timestamps(column.type)
        cut = column if readable.equals(column.type) else pc.cast(column, readable, safe=False)
        return convert(cut, plain_type(column.type))
    except _CAST_FAILS:
        return pa.nulls(len(column), plain_type(column.type))


def published_type(kind: pa.DataType) -> pa.DataType:
    """Return a type in which what has no value anywhere is a string: Spark reads no column of nothing."""
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(published_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, published_type(field.type)) for field in kind])
    return kind


def merge_columns(kinds: dict[str, pa.DataType], more: Mapping[str, pa.DataType]) -> None:
    """Add the types of columns to those of `kinds`."""
    for name, kind in more.items():
        kinds[name] = merge_types(kinds[name], kind) if name in kinds else kind


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return the columns of a table with the types that they are published as, and without metadata."""
    return pa.schema([(mend_surrogates(each.name), plain_type(each.type)) for each in schema])


def plain_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch with the columns of `plain_schema`."""
    arrays = [plain_column(each) for each in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=plain_schema(batch.schema))
