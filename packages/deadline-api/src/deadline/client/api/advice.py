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

_LOG_IN = "Log in with `deadline auth login`, or choose an AWS profile with `--profile`."


def advice_on(error: Any) -> list[str]:
    """What to do about an error of boto3: lines, or none where nothing is known."""
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        refused = error.response.get("Error", {}).get("Code") in _CREDENTIAL_CODES
        return [f"AWS does not accept the credentials. {_LOG_IN}"] if refused else []
    if isinstance(error, exceptions.ProfileNotFound):
        return [
            "Choose another one with `--profile`, or for good with `deadline config set defaults.aws_profile_name <name>`."
        ]
    if isinstance(error, exceptions.NoRegionError):
        return ["Name the region with `--region`, AWS_DEFAULT_REGION or in the AWS profile."]
    if isinstance(error, (exceptions.NoCredentialsError, exceptions.CredentialRetrievalError)):
        return [_LOG_IN]
    if isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError)):
        return ["Check the network connection and the settings settings.https_proxy and settings.ca_bundle."]
    return []
