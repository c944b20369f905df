"""``deadline auth``."""

from __future__ import annotations

from typing import Any, Dict, Optional

import click

from ..errors import explain
from ..lazy import LazyGroup
from ..options import configuration, output_option, profile_option
from ..output import print_json, styled_state, wants_json

_LABELS = {
    "profile_name": "Profile Name",
    "source": "Source",
    "status": "Status",
    "api_availability": "API Availability",
    "message": "Message",
}


@click.group(cls=LazyGroup)
def auth() -> None:
    """Log in and out, and see how you are signed in to AWS.

    \b
    Examples:
      deadline auth login
      deadline auth status
    """


@auth.command()
@profile_option
def login(profile: Optional[str]) -> None:
    """Log in with the Deadline Cloud monitor, which opens its window for that.

    For AWS profiles that the monitor or `aws login` made; other credentials need no login.

    \b
    Examples:
      deadline auth login
      deadline auth login --profile studio
    """
    from deadline.client import api
    from deadline.client.auth.monitor_process import monitor_profile_name

    config = configuration(profile=profile)

    def say_where_to_go_on(credentials_source: Any) -> None:
        click.echo(f"Logging in with the AWS profile {monitor_profile_name(config)}")
        at_the_console = credentials_source is api.AwsCredentialsSource.AWS_CONSOLE_LOGIN
        what = "Sign in to the AWS console" if at_the_console else "Log in"
        click.echo(f"The Deadline Cloud monitor opens. {what} there, then come back here.")

    message = api.login(say_where_to_go_on, None, config=config)
    click.echo(f"\nLogged in. {message}\n")


@auth.command()
@profile_option
def logout(profile: Optional[str]) -> None:
    """Log out with the Deadline Cloud monitor.

    \b
    Examples:
      deadline auth logout
      deadline auth logout --profile studio
    """
    from deadline.client import api

    config = configuration(profile=profile)
    click.echo(api.logout(config=config).strip() or "Logged out.")


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
    return styled_state(value) if name == "status" else str(value)
