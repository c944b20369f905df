"""An MCP server: AI assistants reach AWS Deadline Cloud through it.

``deadline mcp-server`` runs it over standard input and output. The modules, from the outside in:

=====================  ==========================================================================
module                 subject
=====================  ==========================================================================
:mod:`.cli_commands`   the command ``deadline mcp-server``
:mod:`.server`         the server, and how it serves over standard input and output
:mod:`.tools`          the tools that it offers, one module a family of resources
:mod:`.tool`           what a tool is: its description, its checked arguments, its result
:mod:`.errors`         what went wrong, with a code, a sentence and what to do next
=====================  ==========================================================================

A tool is a thin face: it turns its arguments into a call of :mod:`deadline.client.api`, which it makes in a thread of its own,
and the answer into a result with a schema. It changes no settings.
"""
