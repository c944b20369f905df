"""What every list call needs: all pages as one, and the user whose resources are wanted."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Callable, Dict, List, Optional, Set

from deadline.client.auth.credentials import get_user_and_identity_store_id


def call_paginated_list_api(
    list_api: Callable[..., Dict[str, Any]], list_property_name: str, **kwargs: Any
) -> Dict[str, Any]:
    """Every page of a list operation as one: ``{list_property_name: [...]}``.

    Args:
        list_api: A list method of the Deadline Cloud client.
        list_property_name: The member of its answers that holds the list.
        kwargs: Passed on at each call; ``maxResults`` is the size of a page.
    """
    items: List[Any] = []
    followed: Set[Optional[str]] = {kwargs.get("nextToken")}
    while True:
        answer = list_api(**kwargs)
        items += answer[list_property_name]
        token = answer.get("nextToken")
        # A service that gave a token again would never come to an end.
        if not token or token in followed:
            return {list_property_name: items}
        followed.add(token)
        kwargs["nextToken"] = token


def with_principal(config: ConfigParser | None, arguments: Dict[str, Any]) -> Dict[str, Any]:
    """``arguments`` with the ``principalId`` of a monitor profile's user, unless they have one."""
    if "principalId" in arguments:
        return arguments
    user_id, _ = get_user_and_identity_store_id(config)
    return {**arguments, "principalId": user_id} if user_id else arguments
