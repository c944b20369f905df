"""The shared job bundles that a user does not want to see in lists: a choice of this user on this machine, for a queue.

It is kept beside the cache, and nobody else is affected.
"""

from __future__ import annotations

from typing import Set

from deadline.client.exceptions import DeadlineOperationError

from .cache import place_in_cache, read_json, write_json

VISIBILITY_FILE = ".visibility.json"
_VERSION = 1


class HiddenBundles:
    """The hidden bundles of one place.

    Args:
        identity: The place: ``bucket/prefix`` without a slash at its end.
    """

    def __init__(self, identity: str) -> None:
        self._file = place_in_cache(identity) / VISIBILITY_FILE

    def keys(self) -> Set[str]:
        """What is hidden; nothing where that cannot be read."""
        content = read_json(self._file)
        hidden = content.get("hidden") if isinstance(content, dict) else None
        return {key for key in hidden if isinstance(key, str)} if isinstance(hidden, list) else set()

    def set(self, key: str, *, hidden: bool) -> None:
        """Hide or show a bundle.

        Raises:
            DeadlineOperationError: The choice cannot be stored.
        """
        keys = self.keys()
        if (key in keys) == hidden:
            return
        keys ^= {key}
        try:
            write_json(self._file, {"version": _VERSION, "hidden": sorted(keys)})
        except OSError as error:
            raise DeadlineOperationError(f"{self._file} cannot be written: {error.strerror or error}.") from error
