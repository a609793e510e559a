"""A model file of fastText, checked before it is loaded: the library reads a file that is cut off without a word.

The layout is that of fastText 0.9 (`FastText::saveModel`): the arguments, the dictionary, and two matrices, plain or
quantised; numbers are little-endian. The labels of models that name languages are `__label__` and a language, ISO 639-1
to -3, alone or with a script: `__label__hi`, `__label__hin_Deva`.
"""

from __future__ import annotations

import mmap
import re
import struct
from dataclasses import dataclass
from hashlib import file_digest
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from saaf.cleaning.text.iso_639 import shorter_codes, to_iso_639_3
from saaf.extras import NotInstalledError, install_hint

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC: Final = 793712314
_VERSIONS: Final = (11, 12)
_SUPERVISED: Final = 3
_ARGUMENTS: Final = struct.Struct("<12id")  # dimensions first, the kind of the model eighth
_COUNTS: Final = struct.Struct("<3i2q")  # entries, words, labels, tokens, pruned entries
_ENTRY_TAIL: Final = 10  # the NUL after an entry's text, its count in 8 bytes, and its kind
_LABEL: Final = 1
_MAX_ENTRIES: Final = 100_000_000
_CENTROIDS: Final = 256  # of each part of a quantised vector
_SCRIPT: Final = re.compile("[A-Z][a-z]{3}")
_NO_LANGUAGE: Final = frozenset({"und", "zxx", "mis", "mul"})
LABEL_PREFIX: Final = "__label__"
LIBRARY: Final = "fasttext"
"""The module that loads models: of the package fasttext-predict, or of any other that has its interface."""


class ModelFileError(ValueError):
    """A model file that cannot be used; the message is a sentence that says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A model file as it was checked: its `path`, its `name`, its size in bytes, and the SHA-256 of its bytes.

    `labels` are those of the model without their prefix, such as "hin_Deva", sorted.
    """

    path: str
    name: str
    size: int
    digest: str
    labels: tuple[str, ...]


def read_language_model(path: Path, library: str = LIBRARY) -> ModelFile:
    """Return the checked file of a language model; `library` is the module that is to load it.

    Raises ModelFileError where it cannot be used, and NotInstalledError where the extra is not installed; the message
    is a sentence.
    """
    if find_spec(library) is None:
        raise NotInstalledError(f"a language model needs the package fasttext-predict: {install_hint('lid')}")
    file = _checked_file(path)
    if not any(map(language_of_label, file.labels)):
        raise ModelFileError(f"{path} names no languages: give a model whose labels are like {LABEL_PREFIX}hin_Deva")
    return file


def language_of_label(label: str) -> tuple[str, str | None] | None:
    """Return the code of the language of a label, of two letters where there is one, and its script; None for none.

    The script is None where the label has none.

    >>> language_of_label("__label__hin_Deva"), language_of_label("__label__hi"), language_of_label("und_Arab")
    (('hi', 'Deva'), ('hi', None), None)
    """
    code, _, script = label.removeprefix(LABEL_PREFIX).replace("-", "_").partition("_")
    if to_iso_639_3(code) is None or code in _NO_LANGUAGE:
        return None
    short = next((one for one in shorter_codes(code) if len(one) == 2), code)
    return short, script if _SCRIPT.fullmatch(script) else None


def _checked_file(path: Path) -> ModelFile:
    """Return what a file says of itself. Raises ModelFileError where it is no whole model that names languages."""
    try:
        with path.open("rb") as stream:
            size = path.stat().st_size
            if not size:
                raise ModelFileError(f"the language model {path} is empty: download it again")
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                labels = _checked_labels(data, path)
            digest = file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileError(f"the language model {path} cannot be read: {error.strerror}") from error
    return ModelFile(path=str(path.absolute()), name=path.name, size=size, digest=digest, labels=labels)


def _checked_labels(data: mmap.mmap, path: Path) -> tuple[str, ...]:
    if data[:4] != struct.pack("<i", _MAGIC):
        raise ModelFileError(f"{path} is no fastText model: give the .bin or .ftz file of one, such as GlotLID's")
    try:
        version, *arguments = struct.unpack_from("<i", data, 4) + _ARGUMENTS.unpack_from(data, 8)
        if version not in _VERSIONS:
            raise ModelFileError(f"{path} is a fastText model of version {version}: versions 11 and 12 can be read")
        if arguments[7] != _SUPERVISED:
            raise ModelFileError(f"{path} is a model of words, not one that names languages: give a supervised model")
        labels, end = _read_dictionary(data, 8 + _ARGUMENTS.size)
        whole = _end_of_matrices(data, end) == len(data)
    except (struct.error, IndexError, UnicodeDecodeError):
        whole, labels = False, ()
    if not whole:
        raise ModelFileError(f"the language model {path} is damaged or cut off: download it again")
    return labels


def _read_dictionary(data: mmap.mmap, start: int) -> tuple[tuple[str, ...], int]:
    """Return the labels of the dictionary, and where it ends. Raises IndexError where it does not."""
    entries, _, _, _, pruned = _COUNTS.unpack_from(data, start)
    if not 0 <= entries <= _MAX_ENTRIES or pruned > _MAX_ENTRIES:
        raise IndexError
    labels, position = [], start + _COUNTS.size
    for _ in range(entries):
        end = data.find(b"\0", position)
        if end < 0:
            raise IndexError
        if data[end + _ENTRY_TAIL - 1] == _LABEL:
            labels.append(data[position:end].decode().removeprefix(LABEL_PREFIX))
        position = end + _ENTRY_TAIL
    return tuple(sorted(labels)), position + 8 * max(pruned, 0)


def _end_of_matrices(data: mmap.mmap, start: int) -> int:
    """Return where the two matrices end that begin at `start`: of the inputs and of the labels."""
    inputs_quantised = data[start] != 0
    end = (_end_of_quantised if inputs_quantised else _end_of_plain)(data, start + 1)
    labels_quantised = inputs_quantised and data[end] != 0
    return (_end_of_quantised if labels_quantised else _end_of_plain)(data, end + 1)


def _end_of_plain(data: mmap.mmap, start: int) -> int:
    rows, columns = struct.unpack_from("<2q", data, start)
    return start + 16 + 4 * int(rows) * int(columns)


def _end_of_quantised(data: mmap.mmap, start: int) -> int:
    has_norms, rows, _, codes = struct.unpack_from("<?2qi", data, start)
    end = _end_of_quantizer(data, start + 21 + int(codes))
    return _end_of_quantizer(data, end + int(rows)) if has_norms else end


def _end_of_quantizer(data: mmap.mmap, start: int) -> int:
    dimensions = struct.unpack_from("<4i", data, start)[0]
    return start + 16 + 4 * _CENTROIDS * int(dimensions)
