"""What a tool is: a description with schemas for the assistant, checked arguments for the function, a checked result.

The arguments are a pydantic model and so is the result; their schemas are what the protocol shows. A tool's function is
ordinary blocking code: :func:`call` runs it in a thread, so that the server goes on answering, and gives up waiting for
it when the client cancels.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Callable, Generic, TypeVar

import anyio.to_thread
from mcp_types import CallToolResult, TextContent, Tool as Description, ToolAnnotations
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.json_schema import GenerateJsonSchema, SkipJsonSchema as Unadvertised

from .errors import ToolError, explain, tool_error

__all__ = ["Arguments", "Result", "Tool", "Unadvertised", "call", "describe"]

logger = logging.getLogger(__name__)

_MEANS_NOTHING = (None, "", "null")
"""What assistants pass for arguments that they leave out."""


class Arguments(BaseModel):
    """The arguments of a tool; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")


class Result(BaseModel):
    """The result of a tool; members of an answer that the schema does not name are passed on."""

    model_config = ConfigDict(extra="allow")


class _Schema(GenerateJsonSchema):
    """JSON schema without a title for each member that only repeats its name; an assistant pays for every word."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


ArgumentsType = TypeVar("ArgumentsType", bound=Arguments)


@dataclass(frozen=True)
class Tool(Generic[ArgumentsType]):
    """A tool that reads and changes nothing."""

    name: str
    title: str
    description: str
    action: str
    """What it does, as a sentence goes on after "Failed to"."""
    arguments: type[ArgumentsType]
    result: type[Result]
    function: Callable[[ArgumentsType], Result]


def describe(tool: Tool[Any]) -> Description:
    """The tool as the protocol lists it."""
    return Description(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.arguments.model_json_schema(schema_generator=_Schema),
        output_schema=tool.result.model_json_schema(mode="serialization", schema_generator=_Schema),
        annotations=ToolAnnotations(
            title=tool.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
        ),
    )


async def call(tool: Tool[Any], arguments: dict[str, Any]) -> CallToolResult:
    """Call the tool; whatever goes wrong becomes a result that is marked as an error."""
    try:
        checked = tool.arguments.model_validate({k: v for k, v in arguments.items() if v not in _MEANS_NOTHING})
    except ValidationError as error:
        return failure(tool_error("INVALID_PARAMETER", f"{tool.name}: {_sentence(error)}"))
    try:
        result = await anyio.to_thread.run_sync(tool.function, checked, abandon_on_cancel=True)
    except Exception as error:
        explained = explain(tool.action, error)
        logger.warning("%s: %s", tool.name, explained.message, exc_info=explained.code == "FAILED")
        return failure(explained)
    return _success(result)


def failure(error: ToolError) -> CallToolResult:
    """A result that says why there is none."""
    return CallToolResult(
        content=[TextContent(type="text", text=f"{error.message}\n{error.hint}")],
        structured_content=error.model_dump(mode="json", by_alias=True, exclude_none=True),
        is_error=True,
    )


def _success(result: Result) -> CallToolResult:
    return CallToolResult(
        # As text too, for clients that know no structured content.
        content=[TextContent(type="text", text=result.model_dump_json(indent=2))],
        structured_content=result.model_dump(mode="json"),
    )


def _sentence(error: ValidationError) -> str:
    """What is wrong with which arguments."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']) or 'the arguments'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    )
