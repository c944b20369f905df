"""A door: sessions, clients and credentials."""

from __future__ import annotations

from deadline.client.auth.client_config import (
    ADAPTIVE_RETRIES_CLIENT_CONFIG as _ADAPTIVE_RETRIES_CLIENT_CONFIG,
    get_default_client_config,
    session_context,
)
from deadline.client.auth.credentials import (
    MISSING_DEPENDENCY_REMEDIATION,
    AwsAuthenticationStatus,
    AwsCredentialsSource,
    check_authentication_status,
    check_deadline_api_available,
    get_credentials_source,
    get_user_and_identity_store_id,
)
from deadline.client.auth.queue_role import (
    assume_queue_role_for_read,
    assume_queue_role_for_user,
    get_queue_user_boto3_session,
)
from deadline.client.auth.regions import resolve_region as _resolve_region
from deadline.client.auth.session import (
    get_boto3_client,
    get_boto3_session,
    get_session_client,
    invalidate_boto3_session_cache,
    modified_logging_level as _modified_logging_level,
)
from deadline.client.auth.transport import apply_proxy_settings

__all__ = [
    "MISSING_DEPENDENCY_REMEDIATION",
    "_ADAPTIVE_RETRIES_CLIENT_CONFIG",
    "AwsAuthenticationStatus",
    "AwsCredentialsSource",
    "_modified_logging_level",
    "_resolve_region",
    "apply_proxy_settings",
    "assume_queue_role_for_read",
    "assume_queue_role_for_user",
    "check_authentication_status",
    "check_deadline_api_available",
    "get_boto3_client",
    "get_boto3_session",
    "get_credentials_source",
    "get_default_client_config",
    "get_queue_user_boto3_session",
    "get_session_client",
    "get_user_and_identity_store_id",
    "invalidate_boto3_session_cache",
    "session_context",
]
