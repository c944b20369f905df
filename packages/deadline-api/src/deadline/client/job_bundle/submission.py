"""What a bundle contributes to CreateJob: the paths it refers to, and its parameters as the service takes them."""

from __future__ import annotations

import os
import re
from typing import Any, Collection, Dict, Iterable, Mapping, Optional, Set, Tuple

from deadline.client.exceptions import DeadlineOperationError

from .parameter_types import APP_PARAMETER_PREFIX, PARAMETER_TYPES, JobParameter
from .parameter_values import validate_job_parameter_value

SUPPORTED_APP_PARAMETERS = (
    "targetTaskRunStatus",
    "priority",
    "maxFailedTasksCount",
    "maxRetriesPerTask",
    "maxWorkerCount",
)

_SERVICE_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_LONGEST_SERVICE_FLOAT = 26


class AssetReferences:
    """The paths that a job refers to, in the four sets that job attachments know."""

    def __init__(
        self,
        *,
        input_filenames: Optional[Set[str]] = None,
        input_directories: Optional[Set[str]] = None,
        output_directories: Optional[Set[str]] = None,
        referenced_paths: Optional[Set[str]] = None,
    ) -> None:
        self.input_filenames: Set[str] = input_filenames or set()
        self.input_directories: Set[str] = input_directories or set()
        self.output_directories: Set[str] = output_directories or set()
        self.referenced_paths: Set[str] = referenced_paths or set()

    def __bool__(self) -> bool:
        return any(self._sets())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssetReferences) and self._sets() == other._sets()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = ("input_filenames", "input_directories", "output_directories", "referenced_paths")
        return f"AssetReferences({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    def union(self, other: AssetReferences) -> AssetReferences:
        """The paths of both."""
        mine, theirs = self._sets(), other._sets()
        inputs, folders, outputs, referenced = (left | right for left, right in zip(mine, theirs))
        return AssetReferences(
            input_filenames=inputs,
            input_directories=folders,
            output_directories=outputs,
            referenced_paths=referenced,
        )

    def resolved_against(self, folder: str) -> AssetReferences:
        """The same references with their relative paths made absolute by ``folder``."""
        absolute = ({os.path.normpath(os.path.join(folder, path)) for path in paths} for paths in self._sets())
        inputs, folders, outputs, referenced = absolute
        return AssetReferences(
            input_filenames=inputs,
            input_directories=folders,
            output_directories=outputs,
            referenced_paths=referenced,
        )

    @classmethod
    def from_dict(cls, obj: Optional[Mapping[str, Any]]) -> AssetReferences:
        """The references in the content of an ``asset_references`` file; none in an empty one.

        Raises:
            DeadlineOperationError: The content is not that of such a file.
        """
        if not obj:
            return cls()
        root = _mapping(obj, "the file").get("assetReferences")
        if root is None:
            raise DeadlineOperationError("The asset references have no assetReferences at their top.")
        inputs = _mapping(_mapping(root, "assetReferences").get("inputs"), "assetReferences.inputs")
        outputs = _mapping(root.get("outputs"), "assetReferences.outputs")
        return cls(
            input_filenames=_paths(inputs, "filenames", "assetReferences.inputs"),
            input_directories=_paths(inputs, "directories", "assetReferences.inputs"),
            output_directories=_paths(outputs, "directories", "assetReferences.outputs"),
            referenced_paths=_paths(root, "referencedPaths", "assetReferences"),
        )

    def to_dict(self) -> Dict[str, Any]:
        """The content of an ``asset_references`` file."""
        return {
            "assetReferences": {
                "inputs": {"directories": sorted(self.input_directories), "filenames": sorted(self.input_filenames)},
                "outputs": {"directories": sorted(self.output_directories)},
                "referencedPaths": sorted(self.referenced_paths),
            }
        }

    def _sets(self) -> Tuple[Set[str], Set[str], Set[str], Set[str]]:
        return (self.input_filenames, self.input_directories, self.output_directories, self.referenced_paths)


def split_parameter_args(
    parameters: Iterable[JobParameter],
    job_bundle_dir: str,
    app_name: Optional[str] = None,
    supported_app_parameter_names: Optional[Collection[str]] = None,
) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """The values among ``parameters``, split into properties of the job and the ``parameters`` of CreateJob.

    Args:
        parameters: Parameters; those without ``value`` are left out.
        job_bundle_dir: The bundle, for messages.
        app_name: Whose properties are wanted: those whose names begin with it and a colon; ``deadline`` where left out.
            Those of other applications are dropped.
        supported_app_parameter_names: The properties that there are.

    Raises:
        DeadlineOperationError: A value does not fit its parameter, or there is no such property.
    """
    prefix = f"{app_name}:" if app_name else APP_PARAMETER_PREFIX
    supported = SUPPORTED_APP_PARAMETERS if supported_app_parameter_names is None else supported_app_parameter_names
    app_parameters: Dict[str, Any] = {}
    job_parameters: Dict[str, Any] = {}
    for parameter in parameters:
        name = parameter["name"]
        if "value" not in parameter:
            continue
        if name.startswith(prefix):
            if name[len(prefix) :] not in supported:
                raise DeadlineOperationError(
                    f"The job bundle {job_bundle_dir} sets {name!r}, but there are only: "
                    f"{', '.join(prefix + supported_name for supported_name in supported)}."
                )
            app_parameters[name[len(prefix) :]] = parameter["value"]
        elif ":" not in name:
            if "type" not in parameter:
                raise DeadlineOperationError(
                    f"The job bundle {job_bundle_dir} has a value for the parameter {name!r}, which nobody defines. The "
                    "queue's parameters have to be merged with the bundle's first."
                )
            try:
                job_parameters[name] = to_create_job_value(parameter)
            except (TypeError, ValueError) as error:
                raise DeadlineOperationError(f"Job bundle {job_bundle_dir}: {error}") from error
    return app_parameters, job_parameters


def to_create_job_value(parameter: JobParameter) -> Dict[str, Any]:
    """The value of a parameter as CreateJob takes it, such as ``{"int": "5"}``: numbers are text there.

    Raises :class:`TypeError` or :class:`ValueError` where the value does not fit its parameter.
    """
    type_name, value = parameter["type"], parameter["value"]
    if type_name == "STRING" and isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)  # a number in a YAML file that has no quotes
    converted = validate_job_parameter_value(parameter, value)
    if type_name == "FLOAT":
        converted = _float_text(converted, value)
    return {PARAMETER_TYPES[type_name].member: _text(converted)}


def _float_text(number: float, given: Any) -> str:
    """The number as the user wrote it where the service takes it so, since that may be more exact."""
    text = str(given).strip()
    return text if len(text) <= _LONGEST_SERVICE_FLOAT and _SERVICE_FLOAT.fullmatch(text) else repr(number)


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DeadlineOperationError(f"The asset references are not well formed: {where} is not a mapping.")
    return value


def _paths(mapping: Mapping[str, Any], name: str, where: str) -> Set[str]:
    paths: Any = mapping.get(name) or []
    if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths):
        raise DeadlineOperationError(
            f"The asset references are not well formed: {where}.{name} is not a list of paths."
        )
    return {os.path.normpath(path) for path in paths}
