"""``deadline completion``."""

from __future__ import annotations

import click

from ..completion.shell import SHELLS, script_for


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script with which SHELL completes commands, options and their values when Tab is pressed.

    Ids of farms, queues, fleets and jobs are completed too: the service is asked for them, within seconds, with the profile
    and the farm that the settings or the options before name. zsh and fish show names beside the ids.

    \b
    Examples:
      deadline completion bash > ~/.local/share/bash-completion/completions/deadline
      deadline completion fish > ~/.config/fish/completions/deadline.fish
      eval "$(deadline completion zsh)"     # in ~/.zshrc, after compinit
    """
    click.echo(script_for(shell, context.find_root().command))
