"""Job bundles in the S3 bucket of a queue, which all users of the queue share.

The archives are objects ``<root prefix>/job-bundles/[folders/]<name>.ojd`` in the bucket of the queue's job attachments.
They are read and written with the queue's role.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from dataclasses import replace
from typing import IO, Any, Callable, Dict, List, Mapping, Optional, Set

from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError

from .bundle_files import metadata_of_archive, read_folder_info
from .cache import CachedBundle, unnamed_file
from .entries import BrowseEntry
from .extraction import open_archive
from .info import BundleInfo
from .metadata import read_bundle_metadata
from .names import ARCHIVE_SUFFIX, archive_key, sanitize_bundle_name, without_archive_suffix
from .s3_archives import OnBytes, S3Archives, StoredArchive
from .visibility import HiddenBundles

logger = logging.getLogger(__name__)

FOLDER = "job-bundles"
REQUESTS_AT_ONCE = 16
_NAMES_IN_MESSAGES = 20


class S3BundleRepository:
    """The shared job bundles below a prefix of a bucket. Errors of S3 are those of boto3.

    Args:
        bucket_name: The bucket.
        root_prefix: The root prefix of the queue's job attachments.
        session: The boto3 session to use; that of the configured profile where left out.
        max_connections: How many requests may be under way at once.
    """

    def __init__(
        self, bucket_name: str, root_prefix: str, session: Any = None, *, max_connections: int = REQUESTS_AT_ONCE
    ) -> None:
        from deadline.client.auth.session import get_boto3_session, get_session_client

        self._bucket = bucket_name
        self._prefix = "/".join([*filter(None, [root_prefix.rstrip("/")]), FOLDER, ""])
        client = get_session_client(
            session or get_boto3_session(), "s3", client_config=_client_config(max(max_connections, REQUESTS_AT_ONCE))
        )
        self._archives = S3Archives(client, bucket_name)
        self._hidden = HiddenBundles(f"{bucket_name}/{self._prefix.rstrip('/')}")
        self._prefetched: Dict[str, StoredArchive] = {}
        self._sized: Dict[str, StoredArchive] = {}

    @classmethod
    def from_config(cls, config: Optional[ConfigParser] = None) -> S3BundleRepository:
        """The shared job bundles of the default queue.

        Raises:
            DeadlineOperationError: There is no default farm or queue, the service refuses, or the queue has no job
                attachments.
        """
        from deadline.client.api.output_download import attachment_settings_of
        from deadline.client.api.service_client import deadline_client, described_errors
        from deadline.client.auth.queue_role import get_queue_user_boto3_session

        farm_id, queue_id = get_setting("defaults.farm_id", config), get_setting("defaults.queue_id", config)
        if not farm_id or not queue_id:
            raise DeadlineOperationError(
                "Which queue's job bundles? Choose one with: deadline config set defaults.farm_id <farm id>, and the same "
                "for defaults.queue_id."
            )
        with described_errors(f"get queue {queue_id}", farm_id=farm_id, queue_id=queue_id, config=config):
            client = deadline_client(farm_id, config)
            queue = client.get_queue(farmId=farm_id, queueId=queue_id)
        settings = attachment_settings_of(queue)
        return cls(
            settings.s3BucketName,
            settings.rootPrefix,
            get_queue_user_boto3_session(client, config, farm_id, queue_id, queue["displayName"]),
            max_connections=int(get_setting("settings.s3_max_pool_connections", config)),
        )

    def root_path(self) -> str:
        """``s3://<bucket>/<root prefix>/job-bundles/``."""
        return self._address(self._prefix)

    def list_entries(self, path: str = "") -> List[BrowseEntry]:
        """The archives and folders directly below an address of :meth:`root_path`, in the order of their names."""
        prefix = self._key(path) if path else self._prefix
        keys, prefixes = self._archives.list_level(prefix if prefix.endswith("/") else f"{prefix}/")
        entries = [
            BrowseEntry(_name(key), self._address(key), is_bundle=True, is_archive=True)
            for key in keys
            if key.endswith(ARCHIVE_SUFFIX) and _name(key)
        ]
        entries += [BrowseEntry(_name(inner), self._address(inner), is_bundle=False) for inner in prefixes]
        return sorted(entries, key=lambda entry: (entry.name.lower(), entry.name))

    def find(self, name: str) -> BrowseEntry:
        """The bundle of that name at the top of the repository.

        Raises:
            DeadlineOperationError: There is none; the message names those there are.
        """
        sanitize_bundle_name(name)
        bundles = [entry for entry in self.list_entries() if entry.is_bundle]
        for entry in bundles:
            if name in (entry.name, f"{entry.name}{ARCHIVE_SUFFIX}"):
                return entry
        shown = [f"  {entry.name}" for entry in bundles[:_NAMES_IN_MESSAGES]]
        more = len(bundles) - len(shown)
        there = (
            ["There are:", *shown, *([f"  ... and {more} more"] if more else [])]
            if shown
            else ["No bundle is shared there yet."]
        )
        raise DeadlineOperationError("\n".join([f"There is no job bundle {name!r} in {self.root_path()}.", *there]))

    def get_bundle_info(self, path: str) -> Optional[BundleInfo]:
        """What is known about a bundle, or ``None`` where it cannot be read; see :meth:`read_bundle_info`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self.read_bundle_info(path)
        except (BotoCoreError, ClientError, DeadlineOperationError) as error:
            logger.info("%s cannot be read: %s", path, error)
            return None

    def read_bundle_info(self, path: str) -> BundleInfo:
        """What is known about a bundle: by its folder in the cache, else its object's metadata, else its archive.

        Raises:
            DeadlineOperationError: The archive cannot be used.
        """
        key = self._key(path)
        stored = self._prefetched.get(key) or self._archives.head(key)
        folder = self._cached(key).find_version(stored.etag)
        if folder is not None:
            return read_folder_info(folder, path, stored.size)
        known = read_bundle_metadata(stored.metadata, path)
        if known is not None:
            return replace(known, size_bytes=stored.size)
        return read_folder_info(self.download_full_bundle(path), path, stored.size)

    def get_bundle_size(self, path: str) -> int:
        """The bytes of a bundle's archive. The next download takes what S3 said for this."""
        key = self._key(path)
        self._sized[key] = self._archives.head(key)
        return self._sized[key].size

    def download_full_bundle(
        self,
        path: str,
        progress_callback: Optional[OnBytes] = None,
        extract_callback: Optional[Callable[[int], object]] = None,
        extract_size_callback: Optional[Callable[[int], object]] = None,
    ) -> str:
        """A folder with the bundle: the one in the cache while the archive is the same and the folder was not changed.

        Args:
            path: The address of the bundle.
            progress_callback: Gets the bytes that were downloaded since the last call; see :data:`.s3_archives.OnBytes`.
            extract_callback: Gets the bytes that were unpacked since the last call.
            extract_size_callback: Gets the bytes that will be unpacked, before that.

        Raises:
            DeadlineOperationError: The archive cannot be used, or the cache not be written.

        Whatever is raised, nothing half unpacked is left.
        """
        key = self._key(path)
        cached = self._cached(key)
        stored = self._sized.pop(key, None) or self._archives.head(key)
        folder = cached.find_version(stored.etag)
        if folder is not None:
            return folder
        with unnamed_file() as file:
            stored = self._archives.download(key, file, progress_callback)
            with open_archive(file, path) as archive:
                if extract_size_callback is not None:
                    extract_size_callback(archive.total_bytes)
                folder = cached.unpack(archive, extract_callback)
                cached.note_version(stored.etag, stored.last_modified, archive.digest)
        return folder

    def cached_folder(self, path: str) -> Optional[str]:
        """The folder in the cache that :meth:`download_full_bundle` would return without downloading, or ``None``."""
        key = self._key(path)
        return self._cached(key).find_version((self._sized.get(key) or self._archives.head(key)).etag)

    def bundle_address(self, name: str) -> str:
        """The address that a bundle of that name has at the top of the repository, whether or not there is one.

        Raises:
            InvalidBundleNameError: The name cannot be used.
        """
        return self._address(archive_key(self._prefix, name))

    def bundle_exists(self, name: str) -> bool:
        """Whether there is a bundle of that name at the top of the repository."""
        return self._archives.exists(archive_key(self._prefix, name))

    def upload_archive(
        self,
        buf: IO[bytes],
        bundle_name: str,
        metadata: Optional[Mapping[str, str]] = None,
        progress_callback: Optional[OnBytes] = None,
    ) -> str:
        """Share an archive, in the place of the one that may have the name, and return its address.

        Args:
            buf: The archive, such as :func:`~.archive.open_bundle_archive` gives.
            bundle_name: The name.
            metadata: As of :func:`~.metadata.build_bundle_metadata`; read from the archive where left out.
            progress_callback: Gets the bytes that were sent since the last call; see :data:`.s3_archives.OnBytes`.

        Raises:
            InvalidBundleNameError: The name cannot be used.
        """
        key = archive_key(self._prefix, bundle_name)
        if metadata is None:
            metadata = metadata_of_archive(buf, bundle_name)
        self._archives.upload(buf, key, metadata, progress_callback)
        self._prefetched.pop(key, None)
        return self._address(key)

    def prefetch_previews(self, should_cancel: Optional[Callable[[], bool]] = None) -> None:
        """Ask S3 about all archives, many at once, so that :meth:`get_bundle_info` need not.

        Args:
            should_cancel: A true answer ends it early.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        def prefetch(key: str) -> None:
            if should_cancel is not None and should_cancel():
                return
            with contextlib.suppress(BotoCoreError, ClientError):
                self._prefetched[key] = self._archives.head(key)

        keys = [key for key in self._archives.list_keys(self._prefix) if key.endswith(ARCHIVE_SUFFIX)]
        with ThreadPoolExecutor(REQUESTS_AT_ONCE, "bundle-previews") as pool:
            list(pool.map(prefetch, keys))

    def clear_cache_for(self, path: str) -> None:
        """Forget what is known of a bundle, and remove its folders in the cache that nobody has changed."""
        key = self._key(path)
        self._prefetched.pop(key, None)
        self._sized.pop(key, None)
        self._cached(key).clear()

    def visibility_key(self, path: str) -> str:
        """What a bundle is called among the hidden ones: its path in the repository, without the ending."""
        return without_archive_suffix(self._key(path)[len(self._prefix) :])

    def get_hidden_set(self) -> Set[str]:
        """The bundles that this user does not want to see, by :meth:`visibility_key`."""
        return self._hidden.keys()

    def set_bundle_visibility(self, key: str, *, hidden: bool) -> None:
        """Hide a bundle from this user, or show it again.

        Args:
            key: The bundle, by :meth:`visibility_key`.
            hidden: Whether to hide it.

        Raises:
            DeadlineOperationError: The choice cannot be stored.
        """
        self._hidden.set(key, hidden=hidden)

    def _cached(self, key: str) -> CachedBundle:
        return CachedBundle(f"{self._bucket}/{key}", _name(key))

    def _address(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def _key(self, path: str) -> str:
        root = self.root_path()
        if not path.startswith(root) and f"{path}/" != root:
            raise DeadlineOperationError(f"{path!r} does not lie in {root}.")
        return path[len(f"s3://{self._bucket}/") :]


def _name(key: str) -> str:
    return without_archive_suffix(key.rstrip("/").rpartition("/")[2])


@functools.lru_cache(maxsize=None)
def _client_config(max_connections: int) -> Any:
    from botocore.config import Config

    return Config(max_pool_connections=max_connections)
