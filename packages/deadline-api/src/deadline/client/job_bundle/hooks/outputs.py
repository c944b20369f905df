"""What hooks answer on their standard output: JSON that changes a submission, or what a submission window shows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional

from deadline.client.exceptions import DeadlineOperationError

from ..submission import AssetReferences

REFERENCE_LISTS = ("inputFilenames", "inputDirectories", "outputDirectories", "referencedPaths")
PRE_GUI_MEMBERS = ("parameters", "name", "description")


@dataclass(frozen=True)
class SubmissionChanges:
    """What pre-submission hooks have changed, all of them together."""

    template: Optional[str] = None
    """The text of a job template, instead of the bundle's."""
    priority: Optional[int] = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values of parameters by name, instead of the bundle's."""
    asset_references: Mapping[str, Any] = field(default_factory=dict)
    """Lists of paths, by the names in :data:`REFERENCE_LISTS`."""

    @classmethod
    def of(cls, output: Mapping[str, Any]) -> SubmissionChanges:
        """The changes in what :func:`merged_output` or :func:`parse_pre_submission_output` returns."""
        return cls(
            template=output.get("template"),
            priority=output.get("priority"),
            parameters=output.get("parameters") or {},
            asset_references=(output.get("attachments") or {}).get("assetReferences") or {},
        )

    def references(self, bundle_dir: str) -> AssetReferences:
        """The paths that are added to the job's; relative ones are relative to the bundle."""
        filenames, directories, outputs, referenced = (
            set(self.asset_references.get(name) or ()) for name in REFERENCE_LISTS
        )
        return AssetReferences(
            input_filenames=filenames,
            input_directories=directories,
            output_directories=outputs,
            referenced_paths=referenced,
        ).resolved_against(bundle_dir)


def parse_pre_submission_output(text: str, who: str) -> Dict[str, Any]:
    """The answer of a pre-submission hook; an empty one where it has none.

    Raises:
        DeadlineOperationError: The answer is not well formed; the message says so of ``who``.
    """
    output = _object(text, who)
    template, priority = output.get("template"), output.get("priority")
    if template is not None and (not isinstance(template, str) or not template.strip()):
        raise DeadlineOperationError(f"{who} answered a template that is not the text of a job template.")
    if priority is not None and (not isinstance(priority, int) or isinstance(priority, bool)):
        raise DeadlineOperationError(f"{who} answered the priority {priority!r}, which is not a whole number.")
    _mapping(output.get("parameters"), "parameters", who)
    attachments = _mapping(output.get("attachments"), "attachments", who)
    references = _mapping(attachments.get("assetReferences"), "attachments.assetReferences", who)
    for name, paths in references.items():
        if name not in REFERENCE_LISTS:
            raise DeadlineOperationError(
                f"{who} answered attachments.assetReferences.{name}; there are only: {', '.join(REFERENCE_LISTS)}."
            )
        if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths):
            raise DeadlineOperationError(
                f"{who} answered attachments.assetReferences.{name} that is not a list of paths."
            )
    return output


def merged_output(first: Mapping[str, Any], second: Mapping[str, Any]) -> Dict[str, Any]:
    """Two answers as one, of which the second goes before: single parameters and lists of paths, else whole members."""
    merged = {**first, **second}
    if first.get("parameters") and "parameters" in second:
        merged["parameters"] = {**first["parameters"], **(second["parameters"] or {})}
    earlier, later = first.get("attachments") or {}, second.get("attachments") or {}
    if earlier and "attachments" in second:
        merged["attachments"] = {**earlier, **later}
        if earlier.get("assetReferences") and "assetReferences" in later:
            references = {**earlier["assetReferences"], **(later["assetReferences"] or {})}
            merged["attachments"]["assetReferences"] = references
    return merged


def parse_pre_gui_output(text: str, who: str) -> Dict[str, Any]:
    """The answer of a pre-GUI hook; an empty one where it has none.

    Raises:
        DeadlineOperationError: The answer is not well formed; the message says so of ``who``.
    """
    output = _object(text, who)
    for name in output:
        if name not in PRE_GUI_MEMBERS:
            raise DeadlineOperationError(f"{who} answered {name!r}; there are only: {', '.join(PRE_GUI_MEMBERS)}.")
    for name in ("name", "description"):
        if name in output and not isinstance(output[name], str):
            raise DeadlineOperationError(f"{who} answered a {name} that is not text.")
    if "parameters" in output and not isinstance(output["parameters"], dict):
        raise DeadlineOperationError(f"{who} answered parameters that are not an object from names to values.")
    return output


def merged_pre_gui_output(first: Mapping[str, Any], second: Mapping[str, Any]) -> Dict[str, Any]:
    """Two answers of pre-GUI hooks as one, of which the second goes before."""
    merged = {**first, **second}
    if "parameters" in first and "parameters" in second:
        merged["parameters"] = {**first["parameters"], **second["parameters"]}
    return merged


def _object(text: str, who: str) -> Dict[str, Any]:
    if not text.strip():
        return {}
    try:
        output = json.loads(text)
    except ValueError as error:
        raise DeadlineOperationError(
            f"{who} wrote something to its standard output that is not JSON ({error}). Messages for people belong to the "
            "standard error."
        ) from error
    if not isinstance(output, dict):
        raise DeadlineOperationError(f"{who} answered {type(output).__name__} in JSON; it has to be an object.")
    return output


def _mapping(value: Any, name: str, who: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise DeadlineOperationError(f"{who} answered {name} that is not an object.")
    return value
