"""Which objects need to be sent, found out with as few requests as possible.

Three sources, from the cheapest: the local cache of objects that were seen; a listing of the data prefix, when so many
objects are asked about that pages of a thousand keys are cheaper than a question each; and else nothing, because a small
object is simply sent on the condition that it is not there (``If-None-Match: *``), which asks and sends in one request.
"""

from __future__ import annotations

import random
from typing import Optional, Sequence, Set

from ._engine.cancel import CancelToken
from ._engine.pipeline import Chain, Pipeline, Stage
from .caches import S3CheckCache
from .object_store import ObjectStore

SAMPLE = 30
"""How many objects that the cache knows are looked up in S3, to notice a bucket that was emptied or has expired."""
LISTING_FROM = 50
"""How many unknown objects make a look at the bucket's size worth its request."""
ASKERS = 8
PAGE_KEYS = 1000
PAGE_COST = 20
"""What a page of a listing costs, in requests about single objects: 4 to 60 ms against 0.4 to 1.5 ms, measured."""


def known_objects(
    store: ObjectStore,
    keys: Set[str],
    prefix: str,
    cache: Optional[S3CheckCache],
    cancel: CancelToken,
    *,
    ask_about_each: bool = False,
) -> Set[str]:
    """Those of ``keys`` that are proven to be in the store; the others may be there or not.

    Args:
        store: The bucket.
        keys: Keys below ``prefix``.
        prefix: The data prefix, with its final slash; what follows are hashes.
        cache: What was seen before, or ``None`` to trust only the store.
        cancel: Ends the search.
        ask_about_each: Ask about each object of which nothing is known yet, because an earlier run may have sent it and
            had no time to take note; otherwise such objects are sent on the condition that they are not there.
    """
    known = _cached(store, keys, cache, cancel)
    unknown = keys - known
    if len(unknown) >= LISTING_FROM:
        listed = _listed(store, unknown, prefix, cancel)
        if cache is not None:
            cache.remember(f"{store.bucket}/{key}" for key in listed)
        known |= listed
    if ask_about_each:
        found = _asked(store, sorted(keys - known), cancel)
        if cache is not None:
            cache.remember(f"{store.bucket}/{key}" for key in found)
        known |= found
    return known


def _asked(store: ObjectStore, keys: Sequence[str], cancel: CancelToken) -> Set[str]:
    """Those of the objects that are there, by a question about each."""
    stage = Stage("ask", ASKERS, lambda key: [key] if store.head(key) is not None else [])
    with Pipeline(cancel, on_stop=store.interrupt) as pipeline:
        return set(pipeline.run(Chain(keys, [stage])))


def _cached(store: ObjectStore, keys: Set[str], cache: Optional[S3CheckCache], cancel: CancelToken) -> Set[str]:
    if cache is None:
        return set()
    prefix = f"{store.bucket}/"
    seen = {key[len(prefix) :] for key in cache.seen([f"{prefix}{key}" for key in keys])}
    sample = random.sample(sorted(seen), min(SAMPLE, len(seen)))
    if len(_asked(store, sample, cancel)) == len(sample):
        return seen
    # What the cache says of this bucket is not true any more: find out about all of these objects anew.
    cache.forget(f"{prefix}{key}" for key in seen)
    return set()


def _listed(store: ObjectStore, wanted: Set[str], prefix: str, cancel: CancelToken) -> Set[str]:
    """Those of ``wanted`` that a listing shows; nothing, after its first page, when listing costs more than it saves."""
    found: Set[str] = set()
    for number, info in enumerate(store.list(prefix), start=1):
        if info.key in wanted:
            found.add(info.key)
        if number == PAGE_KEYS and _pages(info.key, prefix) * PAGE_COST > len(wanted):
            return found
        if number % PAGE_KEYS == 0:
            cancel.raise_if_cancelled()
    return found


def _pages(last_key: str, prefix: str) -> float:
    """How many pages the listing has, from the last key of its first: hashes spread evenly, so it tells the share."""
    try:
        share = int(last_key[len(prefix) :][:8], 16) / 0xFFFFFFFF
    except ValueError:
        return float("inf")
    return 1 / share if share else float("inf")
