"""Content hashes: XXH3 with 128 bits, written as 32 lower-case hexadecimal digits."""

from __future__ import annotations

from enum import Enum
from typing import Any, Union

from xxhash import xxh3_128

from ..exceptions import UnsupportedHashingAlgorithmError

BLOCK_SIZE = 1024 * 1024
"""Bytes hashed at a time: large enough for xxhash to release the interpreter lock and for reads to be cheap."""


class HashAlgorithm(str, Enum):
    """The algorithms of content hashes."""

    XXH128 = "xxh128"


def new_hasher(hash_alg: HashAlgorithm) -> Any:
    """An object with ``update(bytes)`` and ``hexdigest()``.

    Raises :class:`UnsupportedHashingAlgorithmError` for an algorithm that is not in :class:`HashAlgorithm`.
    """
    if hash_alg != HashAlgorithm.XXH128:
        raise UnsupportedHashingAlgorithmError(f"{hash_alg!r} is no supported hash algorithm; expected xxh128.")
    return xxh3_128()


def hash_data(data: Union[bytes, bytearray], hash_alg: HashAlgorithm) -> str:
    """The hash of ``data``."""
    hasher = new_hasher(hash_alg)
    hasher.update(data)
    digest: str = hasher.hexdigest()
    return digest


def hash_file(file_path: str, hash_alg: HashAlgorithm) -> str:
    """The hash of a file's content."""
    hasher = new_hasher(hash_alg)
    block = memoryview(bytearray(BLOCK_SIZE))
    with open(file_path, "rb", buffering=0) as file:
        while True:
            count = file.readinto(block)
            if not count:
                break
            hasher.update(block[:count])
    digest: str = hasher.hexdigest()
    return digest
