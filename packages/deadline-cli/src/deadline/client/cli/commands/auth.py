"""``deadline auth``."""

from __future__ import annotations

from typing import Any, Dict, Optional

import click

from ..errors import explain
from ..lazy import LazyGroup
from ..options import configuration, output_option, profile_option
from ..output import print_json, wants_json

_LABELS = {
    "profile_name": "Profile Name",
    "source": "Source",
    "status": "Status",
    "api_availability": "API Availability",
    "message": "Message",
}


@click.group(cls=LazyGroup)
def auth() -> None:
    """See how you are signed in to AWS.

    \b
    Example:
      deadline auth status
    """


@auth.command()
@profile_option
@output_option
def status(profile: Optional[str], output: Optional[str]) -> None:
    """Show where the credentials come from and whether AWS Deadline Cloud accepts them.

    \b
    Examples:
      deadline auth status
      deadline auth status --profile studio --output json
    """
    from deadline.client import api
    from deadline.client.auth.credentials import MISSING_DEPENDENCY_REMEDIATION, check_authentication
    from deadline.client.config import get_setting

    config = configuration(profile=profile)
    check = check_authentication(config)
    state = check.status
    result: Dict[str, Any] = {
        "profile_name": get_setting("defaults.aws_profile_name", config),
        "source": api.get_credentials_source(config=config).name,
        "status": state.name,
        "api_availability": state is api.AwsAuthenticationStatus.AUTHENTICATED,
    }
    if state is api.AwsAuthenticationStatus.MISSING_DEPENDENCY:
        result["message"] = MISSING_DEPENDENCY_REMEDIATION
    if wants_json(output):
        print_json(result)
    else:
        for name, value in result.items():
            click.echo(f"{_LABELS[name]:>17}: {_coloured(name, value)}")
    if check.error is not None and "message" not in result:
        click.echo(explain(check.error), err=True)


def _coloured(name: str, value: Any) -> str:
    if name != "status":
        return str(value)
    return click.style(value, fg="green" if value == "AUTHENTICATED" else "yellow")
