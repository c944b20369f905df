"""The command ``deadline mcp-server``, which the command line finds by an entry point."""

from __future__ import annotations

import click


@click.command("mcp-server")
def mcp_server() -> None:
    """Serve AI assistants over the Model Context Protocol, on standard input and output.

    An assistant starts this command itself; its configuration names it.

    \b
    Examples:
      {"mcpServers": {"deadline-cloud": {"command": "deadline", "args": ["mcp-server"]}}}

    The server uses the AWS profile of `deadline config show` and ends with its input. Log in before with
    `deadline auth login`.
    """
    try:
        from .server import serve
    except ImportError as error:
        raise click.ClickException(
            f'The MCP server cannot start: {error}. Install it with: pip install "deadline[mcp]"'
        ) from error
    serve()
