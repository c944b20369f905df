"""Decorators that record each call of a function: how long it took, and whether it succeeded.

    @record_function_latency_telemetry_event()
    def list_farms(config=None, **kwargs): ...

They leave the function as it is: its result, its errors, its signature. Where the user has opted out they do nothing but
call it.
"""

from __future__ import annotations

import functools
import inspect
import logging
import time
from typing import Any, Callable, Dict, Optional, TypeVar, cast

from .client import EVENT_PREFIX, TelemetryClient, get_deadline_cloud_library_telemetry_client
from .opt_out import is_opted_out
from .stack_traces import qualified_name

logger = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])
DetailsProvider = Callable[..., Optional[Dict[str, Any]]]


def record_success_fail_telemetry_event(
    *, metric_name: Optional[str] = None, event_details: Optional[Dict[str, Any]] = None
) -> Callable[[F], F]:
    """Record whether a call succeeded, as an event of its own type.

    Args:
        metric_name: The end of the event's type, instead of the function's name.
        event_details: What to tell besides.
    """

    def decorate(function: F) -> F:
        event_type = EVENT_PREFIX + (metric_name or function.__name__)

        @functools.wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            client = _client()
            if client is None:
                return function(*args, **kwargs)
            said: Dict[str, Any] = {**(event_details or {}), "is_success": False}
            try:
                result = function(*args, **kwargs)
                said["is_success"] = True
                return result
            except BaseException as error:
                said["exception_type"] = qualified_name(error)
                raise
            finally:
                client.record_event(event_type, said, from_gui=_is_from_gui(function, args, kwargs))

        return cast(F, recorded)

    return decorate


def record_function_latency_telemetry_event(
    *, metric_name: Optional[str] = None, details_provider: Optional[DetailsProvider] = None
) -> Callable[[F], F]:
    """Record how many nanoseconds a call took.

    Args:
        metric_name: How to call the function, instead of by its name.
        details_provider: What to tell besides. It is called before the function, with those of its arguments that have
            the names of the provider's parameters; what it raises is passed over.
    """

    def decorate(function: F) -> F:
        name = metric_name or function.__name__

        @functools.wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            client = _client()
            if client is None:
                return function(*args, **kwargs)
            said: Dict[str, Any] = {**_provided(details_provider, function, args, kwargs), "function_call": name}
            said["is_success"] = False
            begin = time.perf_counter_ns()
            try:
                result = function(*args, **kwargs)
                said["is_success"] = True
                return result
            except BaseException as error:
                said["exception_type"] = qualified_name(error)
                raise
            finally:
                said["latency"] = time.perf_counter_ns() - begin
                client.record_event(f"{EVENT_PREFIX}latency", said, from_gui=_is_from_gui(function, args, kwargs))

        return cast(F, recorded)

    return decorate


def _client() -> Optional[TelemetryClient]:
    return None if is_opted_out() else get_deadline_cloud_library_telemetry_client()


def _arguments(function: Callable[..., Any], args: Any, kwargs: Any) -> Dict[str, Any]:
    """The arguments of a call by their names, defaults included; none where the call does not fit the function."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return {}
    bound.apply_defaults()
    return bound.arguments


def _is_from_gui(function: Callable[..., Any], args: Any, kwargs: Any) -> bool:
    return bool(_arguments(function, args, kwargs).get("from_gui"))


def _provided(
    provider: Optional[DetailsProvider], function: Callable[..., Any], args: Any, kwargs: Any
) -> Dict[str, Any]:
    if provider is None:
        return {}
    try:
        arguments = _arguments(function, args, kwargs)
        parameters = inspect.signature(provider).parameters.values()
        if all(parameter.kind is not inspect.Parameter.VAR_KEYWORD for parameter in parameters):
            names = {parameter.name for parameter in parameters}
            arguments = {name: value for name, value in arguments.items() if name in names}
        provided: Any = provider(**arguments)
    except Exception as error:
        logger.debug("Details for telemetry are missing: %s", type(error).__name__)
        return {}
    return provided if isinstance(provided, dict) else {}
