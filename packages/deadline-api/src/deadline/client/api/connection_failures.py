"""Why a server was not reached, and what to do about it.

What the network says is buried in chains of exceptions of botocore, urllib3 and sockets; the innermost one tells whether
the name was not found, nobody listened, or a certificate is not trusted.
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Any, Iterator, Tuple

from botocore import exceptions


def explain_connection(error: Exception) -> Tuple[str, str]:
    """A line that says why a server was not reached, and one of what to do next; neither repeats a password."""
    if isinstance(error, exceptions.ProxyConnectionError):
        # Neither the URL of the proxy nor what urllib3 says of it is repeated: both may hold a password.
        return (
            f"The proxy cannot be used: {_reason_of_proxy(error)}.",
            "Check the setting settings.https_proxy and the variable HTTPS_PROXY, and ask whoever runs the proxy.",
        )
    chain = list(_chain(error))
    for cause in chain:
        explanation = _explain_cause(cause)
        if explanation is not None:
            return explanation
    if any(isinstance(cause, exceptions.SSLError) for cause in chain):
        return (
            f"There is no secure connection: {_line(error)}",
            "Check whether the address begins with the right scheme.",
        )
    return _line(error), "Check the network connection and the settings settings.https_proxy and settings.ca_bundle."


def _explain_cause(cause: BaseException) -> Tuple[str, str] | None:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"The certificate of the server is not trusted: {cause.verify_message or cause}.",
            "Name the certificate of its authority, maybe a proxy's, with the setting settings.ca_bundle or AWS_CA_BUNDLE.",
        )
    if isinstance(cause, socket.gaierror):
        return (
            "The name of the host was not found (DNS).",
            "Check the region, the address, and whether this machine has a network connection.",
        )
    if isinstance(cause, ConnectionRefusedError):
        return (
            "The connection was refused: nobody listens at that address.",
            "Check the address, and whether a firewall refuses connections.",
        )
    if isinstance(cause, (exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError, socket.timeout)):
        return (
            "There was no answer in time.",
            "Check whether a firewall drops connections, and whether a proxy has to be named: settings.https_proxy.",
        )
    if isinstance(cause, OSError) and cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        return (
            "There is no way to that address in this network.",
            "Check the network connection, and a VPN if one is needed.",
        )
    return None


def _reason_of_proxy(error: Any) -> str:
    for cause in _chain(error):
        if isinstance(cause, socket.gaierror):
            return "the name of its host was not found (DNS)"
        if isinstance(cause, ConnectionRefusedError):
            return "the connection to it was refused"
        if isinstance(cause, socket.timeout):
            return "it did not answer in time"
        if "Tunnel connection failed" in str(cause):
            return "it does not let this connection pass, or asks for another user or password"
    return "there is no connection to it"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was caused by, however they are linked."""
    todo, seen = [error], set()
    while todo:
        one = todo.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        kwargs = getattr(one, "kwargs", {})
        links = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        links.append(kwargs.get("error") if isinstance(kwargs, dict) else None)
        todo += [link for link in links if isinstance(link, BaseException)]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
