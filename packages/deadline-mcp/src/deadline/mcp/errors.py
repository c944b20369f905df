"""What went wrong in a tool, as an assistant can use it: a code, a sentence, and what to do next.

A failed call is marked as an error in the protocol, so that no assistant takes the explanation for data. The codes are
few and fixed; the sentence is that of the library or of AWS.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from deadline.client.exceptions import DeadlineOperationError

Code = Literal[
    "AUTH_EXPIRED", "ACCESS_DENIED", "NOT_FOUND", "THROTTLED", "INVALID_PARAMETER", "CONFIGURATION", "OFFLINE", "FAILED"
]

_LOG_IN = (
    "The user has to log in: with `deadline auth login` for a Deadline Cloud monitor profile, else with what gives the AWS "
    "profile its credentials. Call the tool again after that."
)
_SERVICE_CODES: dict[str, Code] = {
    "ExpiredToken": "AUTH_EXPIRED",
    "ExpiredTokenException": "AUTH_EXPIRED",
    "IncompleteSignature": "AUTH_EXPIRED",
    "InvalidClientTokenId": "AUTH_EXPIRED",
    "MissingAuthenticationTokenException": "AUTH_EXPIRED",
    "UnrecognizedClientException": "AUTH_EXPIRED",
    "AccessDeniedException": "ACCESS_DENIED",
    "ResourceNotFoundException": "NOT_FOUND",
    "ThrottlingException": "THROTTLED",
    "ValidationException": "INVALID_PARAMETER",
}
_HINTS: dict[Code, str] = {
    "AUTH_EXPIRED": _LOG_IN,
    "ACCESS_DENIED": "Ask the user whether this is the right AWS profile (`deadline auth status` shows it), or to have an "
    "administrator allow the operation.",
    "NOT_FOUND": "Check the id: list the resources, and take the id from there.",
    "THROTTLED": "Wait some seconds, then call the tool again.",
    "INVALID_PARAMETER": "Correct the arguments as the tool's input schema says, then call the tool again.",
    "CONFIGURATION": "Ask the user to mend the settings: `deadline config show` lists them, and `deadline config set "
    "defaults.aws_profile_name NAME` chooses the AWS profile.",
    "OFFLINE": "Ask the user to check the network connection and the settings settings.https_proxy and "
    "settings.ca_bundle (`deadline config show`); then call the tool again.",
    "FAILED": "Show the message to the user. The log of this server on stderr may say more.",
}
_RETRYABLE: tuple[Code, ...] = ("THROTTLED", "OFFLINE")
_SERVER_ERROR = 500


class ToolError(BaseModel):
    """Why a call failed."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    code: Code
    """What kind of error it is."""
    message: str
    """What failed, and why."""
    retryable: bool
    """Whether the same call may succeed later."""
    hint: str
    """What to do next."""
    request_id: str | None = None
    """The id under which AWS knows the request, where there was one."""


class ToolFailed(Exception):
    """A tool failed for a reason that :attr:`error` explains to the assistant."""

    def __init__(self, error: ToolError) -> None:
        super().__init__(error.message)
        self.error = error


def tool_error(
    code: Code,
    message: str,
    *,
    retryable: bool | None = None,
    hint: str | None = None,
    request_id: str | None = None,
) -> ToolError:
    """An error; whether it is retryable and the hint are those of its code unless they are given."""
    return ToolError(
        code=code,
        message=message,
        retryable=code in _RETRYABLE if retryable is None else retryable,
        hint=hint or _HINTS[code],
        request_id=request_id,
    )


def explain(action: str, error: BaseException) -> ToolError:
    """What ``error`` means for an attempt to do ``action``, which goes on after "Failed to"."""
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ToolFailed):
        return error.error
    if isinstance(error, DeadlineOperationError):
        return tool_error("CONFIGURATION", str(error))
    if isinstance(error, ClientError):
        return _explain_answer(action, error)
    if isinstance(error, BotoCoreError):
        return tool_error(_code_without_answer(error), f"Failed to {action}: {error}")
    return tool_error("FAILED", f"Failed to {action}: {type(error).__name__}: {error}")


def _explain_answer(action: str, error: Any) -> ToolError:
    """What a refusal by AWS means."""
    answer = error.response.get("ResponseMetadata", {})
    code = _SERVICE_CODES.get(error.response.get("Error", {}).get("Code", ""), "FAILED")
    return tool_error(
        code,
        f"Failed to {action}: {error}",
        retryable=True if code == "FAILED" and answer.get("HTTPStatusCode", 0) >= _SERVER_ERROR else None,
        request_id=answer.get("RequestId"),
    )


def _code_without_answer(error: Any) -> Code:
    """What an error means that happened before AWS could answer."""
    from botocore import exceptions

    if isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError)):
        return "OFFLINE"
    if isinstance(
        error,
        (
            exceptions.NoCredentialsError,
            exceptions.PartialCredentialsError,
            exceptions.CredentialRetrievalError,
            exceptions.TokenRetrievalError,
            exceptions.UnauthorizedSSOTokenError,
        ),
    ):
        return "AUTH_EXPIRED"
    if isinstance(error, exceptions.ParamValidationError):
        return "INVALID_PARAMETER"
    return "CONFIGURATION"
