"""What to do about errors of AWS calls."""

from __future__ import annotations

from typing import Any

_CREDENTIAL_CODES = (
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
)
_CLOCK_CODES = ("InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch")
_DENIED_CODES = ("403", "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Forbidden")
_INTERNAL_CODES = ("InternalError", "InternalServerErrorException", "InternalServerException", "ServiceUnavailable")
_THROTTLING_CODES = ("RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException")

_LOG_IN = "Log in with `deadline auth login`, or choose an AWS profile with `--profile`."


def advice_on(error: Any) -> list[str]:
    """What to do about an error of boto3: lines, or none where nothing is known."""
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        return _on_answer(error)
    if isinstance(error, exceptions.ProfileNotFound):
        choose = "Choose one with `--profile`, or for good with `deadline config set defaults.aws_profile_name <name>`."
        return [f"{_profiles(error.kwargs.get('profile', ''))} {choose}".lstrip()]
    if isinstance(error, exceptions.NoRegionError):
        return ["Name the region with `--region`, AWS_DEFAULT_REGION or in the AWS profile."]
    if isinstance(error, (exceptions.NoCredentialsError, exceptions.CredentialRetrievalError)):
        return [f"{_LOG_IN} {_profiles()}".rstrip()]
    if isinstance(error, exceptions.PartialCredentialsError):
        return ["Set what is missing too, or nothing of it."]
    if isinstance(error, (exceptions.SSOError, exceptions.TokenRetrievalError)):
        return ["Sign in with `aws sso login` for the AWS profile, and try again."]
    if isinstance(error, exceptions.ConfigParseError):
        return ["Mend that file of AWS profiles in a text editor."]
    if isinstance(error, exceptions.MissingDependencyException):
        from deadline.client.auth.credentials import MISSING_DEPENDENCY_REMEDIATION

        return [MISSING_DEPENDENCY_REMEDIATION]
    if isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError)):
        from .connection_failures import explain_connection

        return [" ".join(explain_connection(error)), "`deadline doctor` looks at all that it takes."]
    return []


def is_denial(error: Any) -> bool:
    """Whether the service refuses a call for want of a permission."""
    return _code(error) in _DENIED_CODES


def _on_answer(error: Any) -> list[str]:
    code = _code(error)
    if code in _CREDENTIAL_CODES:
        return [f"AWS does not accept the credentials. {_LOG_IN}"]
    if code in _CLOCK_CODES:
        return ["Check the clock of this machine, and whether the secret access key is whole."]
    if code in _THROTTLING_CODES:
        return ["AWS is asked more often than it allows just now. Wait a minute and try again."]
    if code in _INTERNAL_CODES:
        return ["That is a passing problem of the service. Try again in a moment."]
    if code.startswith("KMS.") or (is_denial(error) and "kms:" in str(error)):
        return ["Ask the administrator to allow kms:Decrypt and kms:GenerateDataKey, also in the policy of the key."]
    # Who assumes a role says more about it.
    if is_denial(error) and not error.operation_name.startswith("Assume"):
        return ["Ask the farm's administrator for the permission."]
    return []


def _profiles(wrong: str = "") -> str:
    from deadline.client.config.editing import profiles_to_choose

    return profiles_to_choose(wrong)


def _code(error: Any) -> str:
    """The service's code of an error, or an empty text."""
    return str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
