"""The protocol of object stores and its values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Callable, Dict, Generic, Iterator, Mapping, Optional, Protocol, Sequence, Tuple, TypeVar, Union

from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from ..exceptions import AssetSyncError

Body = Union[bytes, bytearray, memoryview]
Content = Union[bytes, bytearray]
"""The bytes of an object, as they came; nobody else holds them."""
Write = Callable[[memoryview], None]
"""Takes the next bytes of an object; their memory is used again after the call."""


@dataclass(frozen=True)
class ObjectInfo:
    """An object as the store describes it; ``size`` in bytes, metadata without the ``x-amz-meta-`` prefix.

    ``expires`` when the store said that it will remove the object by itself some day; a listing does not say it.
    """

    key: str
    size: int
    last_modified: datetime
    etag: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    expires: bool = False


Item = TypeVar("Item")


@dataclass(frozen=True)
class Small(Generic[Item]):
    """An object for :meth:`ObjectStore.put_many` with its bytes, or one for :meth:`~ObjectStore.get_many` without.

    ``item`` is the caller's own; it comes back with the result. ``size`` is how many bytes an object to be fetched should
    have, where that is known; of one with more of them no bytes need come.
    """

    key: str
    item: Item
    body: Body = b""
    size: Optional[int] = None


class ObjectStore(Protocol):
    """A bucket. Every method raises the errors that the package's docstring names."""

    bucket: str

    def put(
        self, key: str, body: Body, *, if_absent: bool = False, metadata: Optional[Mapping[str, str]] = None
    ) -> bool:
        """Store an object; atomic. With ``if_absent`` an object that is there stays, and the answer is ``False``."""

    def get(self, key: str, *, offset: int = 0, length: Optional[int] = None) -> Optional[Tuple[Content, ObjectInfo]]:
        """The bytes of an object, or of a range of it, and its description; ``None`` when there is no such object.

        The description's size is that of the whole object. ``length`` past the end gives what is there.
        """

    def get_range(self, key: str, offset: int, length: int, write: Write) -> bool:
        """Hand the ``length`` bytes of an object from ``offset`` on to ``write``; ``False`` when there is no such object.

        They come in order and once, also when the request had to be made again. An object that has not as many bytes
        there is an :class:`AssetSyncError`; what ``write`` raises ends the request, and is raised as it is.
        """

    def head(self, key: str) -> Optional[ObjectInfo]:
        """The description of an object; ``None`` when there is no such object."""

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[ObjectInfo]:
        """The objects whose keys begin with ``prefix`` and come after ``start_after``, by key; without metadata."""

    def put_many(
        self, objects: Iterator[Small[Item]], budget: RequestBudget, cancel: CancelToken
    ) -> Iterator[Tuple[Item, bool]]:
        """Store small objects that are not there yet, as :meth:`put` with ``if_absent`` would, many at a time.

        All work is done by the thread that iterates: it draws ``objects`` as requests may be sent and yields each item
        with its answer as that comes, in any order. Raises :class:`AssetSyncCancelledError` besides the other errors.
        """

    def get_many(
        self, objects: Iterator[Small[Item]], budget: RequestBudget, cancel: CancelToken
    ) -> Iterator[Tuple[Item, Optional[Content]]]:
        """Fetch small objects whole, many at a time, by the iterating thread; ``None`` for each that is not there."""

    def create_multipart(self, key: str) -> str:
        """Begin an object that is sent in parts; the upload's id."""

    def put_part(self, key: str, upload_id: str, number: int, body: Body) -> str:
        """Send part ``number`` (from 1; at least 5 MiB but for the last); its tag."""

    def list_parts(self, key: str, upload_id: str) -> Optional[Dict[int, str]]:
        """The tags of the parts that were sent, by number; ``None`` when there is no such upload (any more)."""

    def complete_multipart(self, key: str, upload_id: str, tags: Sequence[str], *, if_absent: bool = False) -> bool:
        """Make the object of its parts; atomic; ``if_absent`` as of :meth:`put`."""

    def abort_multipart(self, key: str, upload_id: str) -> None:
        """Give up an object that was begun; what was sent of it is dropped."""

    def obey(self, budget: RequestBudget) -> None:
        """An operation begins: let single requests, too, go no faster than the bandwidth of ``budget`` allows, and tell it
        of answers that ask for fewer of them."""

    def interrupt(self) -> None:
        """Break off what is under way, as far as that is possible, and begin nothing more before the next operation; both
        end with an error.

        Only :meth:`abort_multipart` is still asked for, once and not waiting long.
        """

    def close(self) -> None:
        """Close all connections."""

    def __enter__(self) -> ObjectStore: ...

    def __exit__(self, *exception: object) -> None: ...


def too_short(bucket: str, key: str) -> AssetSyncError:
    """The error for an object that is shorter than the manifest says."""
    return AssetSyncError(
        f"The object s3://{bucket}/{key} is shorter than it should be. Delete that object and submit the job again."
    )
