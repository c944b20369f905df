"""The parameters of a job bundle: defined by its template, given values by the bundle and by whoever submits it."""

from __future__ import annotations

import copy
import json
import os
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from deadline.client.exceptions import DeadlineOperationError

from .loader import path_of, read_yaml_or_json_object
from .parameter_definitions import DATA_FLOWS, validate_job_parameter
from .parameter_names import did_you_mean
from .parameter_types import PARAMETER_TYPES, JobParameter
from .parameter_values import validate_job_parameter_value
from .paths import is_absolute_path, is_path_contained, is_uri
from .submission import AssetReferences, to_create_job_value

SPECIFICATION_VERSION = "jobtemplate-2023-09"


def read_job_bundle_parameters(bundle_dir: str) -> List[JobParameter]:
    """The parameters of a bundle: those its template defines, with their values where the bundle gives some.

    Values for names that the template does not define come last, as ``name`` and ``value`` alone: they may belong to
    parameters of the queue, or be properties of the job such as ``deadline:priority``. Relative paths, in values as in
    defaults, are relative to the bundle; a default has to lie within it.

    Raises:
        DeadlineOperationError: A file of the bundle is not well formed; the message names the file, the parameter and
            the field.
    """
    return parameters_of_template(read_template_object(bundle_dir), bundle_dir)


def parameters_of_template(
    template: Mapping[str, Any], bundle_dir: str, where: Optional[str] = None
) -> List[JobParameter]:
    """The parameters that a template defines, with the values of a bundle; else as :func:`read_job_bundle_parameters`.

    Args:
        template: The template, where it is not that of the bundle.
        bundle_dir: The bundle.
        where: How messages call the template.
    """
    where = where or path_of(bundle_dir, "template")
    # Values are written into the definitions.
    parameters = _definitions(copy.deepcopy(template), where)
    allow_uris = uses_expressions(template)
    values = _values(bundle_dir)
    for name, parameter in parameters.items():
        if name in values:
            parameter["value"] = _absolute(parameter, values.pop(name), bundle_dir, allow_uris)
        elif _is_path(parameter) and parameter.get("default"):
            parameter["value"] = _default_in_bundle(parameter, bundle_dir, allow_uris)
            _check(where, validate_job_parameter_value, parameter, parameter["value"])
    _require_values_of_hidden_parameters(parameters.values(), where)
    return [*parameters.values(), *({"name": name, "value": value} for name, value in values.items())]  # type: ignore[list-item]


def read_template_object(bundle_dir: str) -> Dict[str, Any]:
    """The template of a bundle.

    Raises:
        DeadlineOperationError: There is none, or it is no job template of a version this client knows.
    """
    template = read_yaml_or_json_object(bundle_dir, "template", required=True)
    return as_job_template(template, path_of(bundle_dir, "template"))


def as_job_template(template: Any, where: str) -> Dict[str, Any]:
    """``template``, where it is a job template; raises as :func:`read_template_object`."""
    if not isinstance(template, dict):
        raise DeadlineOperationError(f"{where} is not a job template: it is not a mapping.")
    version = template.get("specificationVersion")
    if version != SPECIFICATION_VERSION:
        raise DeadlineOperationError(
            f"{where} has the specificationVersion {version!r}; this client knows {SPECIFICATION_VERSION!r} only."
        )
    return template


def uses_expressions(template: Mapping[str, Any]) -> bool:
    """Whether a template uses the ``EXPR`` extension, with which paths may be URIs and types be in any case."""
    extensions = template.get("extensions")
    return isinstance(extensions, list) and "EXPR" in extensions


def normalize_parameter_types(definitions: Sequence[Any]) -> None:
    """Write the types of definitions in capitals, as the ``EXPR`` extension allows any case."""
    for definition in definitions:
        if isinstance(definition, dict) and isinstance(definition.get("type"), str):
            definition["type"] = definition["type"].upper()


def apply_job_parameters(
    job_parameters: Sequence[Mapping[str, Any]],
    job_bundle_dir: str,
    parameters: List[JobParameter],
    asset_references: AssetReferences,
    *,
    allow_uri_path_values: bool = False,
) -> None:
    """Give parameters the values that the caller asks for, and collect the paths among all values.

    Args:
        job_parameters: Mappings of ``name`` and ``value``; a later one goes before an earlier one, ``None`` is no value.
            Relative paths are relative to the working directory. Names that begin with ``deadline:`` set properties of
            the job, and those with a colon in them are other applications'.
        job_bundle_dir: The bundle, for messages and for relative paths among the other values.
        parameters: The parameters; their ``value`` is set.
        asset_references: Paths are added to it by the ``dataFlow`` of their parameter.
        allow_uri_path_values: Whether URIs are paths too, which belong to no job attachments.

    Raises:
        DeadlineOperationError: A name is not known, a parameter is left without a value, or a value of the bundle is
            not allowed.
    """
    overrides = _overrides(job_parameters)
    _refuse_unknown_names(overrides, parameters)
    for parameter in parameters:
        name = parameter["name"]
        if overrides.get(name) is not None:
            parameter["value"] = _absolute(parameter, overrides[name], os.getcwd(), allow_uri_path_values)
        elif "value" in parameter:
            # A value of the bundle may be for a parameter of the queue, of which only now is known that it is a path.
            parameter["value"] = _absolute(parameter, parameter["value"], job_bundle_dir, allow_uri_path_values)
            _check_value_of_bundle(parameter, job_bundle_dir)
        elif "type" in parameter and "default" not in parameter:
            raise DeadlineOperationError(
                f"The job bundle {job_bundle_dir} needs a value for the parameter {name!r}, which has no default. "
                f"On the command line: -p {name}=<value>"
            )
        if _is_path(parameter):
            _collect_paths(parameter, job_bundle_dir, asset_references, allow_uri_path_values)
    names = {parameter["name"] for parameter in parameters}
    parameters.extend(
        {"name": name, "value": value} for name, value in overrides.items() if name not in names and value is not None
    )


def _check_value_of_bundle(parameter: JobParameter, bundle_dir: str) -> None:
    """Check a value that nobody replaced, while it is known which file it comes from."""
    where = path_of(bundle_dir, "parameter_values")
    if "type" in parameter and os.path.isfile(where):
        _check(where, to_create_job_value, parameter)


def _overrides(job_parameters: Sequence[Mapping[str, Any]]) -> Dict[str, Any]:
    overrides: Dict[str, Any] = {}
    for item in job_parameters:
        # Callers need not be checked by a type checker.
        fields: Any = item
        if not isinstance(fields, Mapping) or not isinstance(fields.get("name"), str) or "value" not in fields:
            raise DeadlineOperationError(f"A value for a job parameter is a mapping of name and value, not {item!r}.")
        overrides[item["name"]] = item["value"]
    return overrides


def _definitions(template: Mapping[str, Any], where: str) -> Dict[str, JobParameter]:
    definitions = template.get("parameterDefinitions", [])
    if not isinstance(definitions, list):
        raise DeadlineOperationError(f"{where} has parameterDefinitions that are not a list.")
    if uses_expressions(template):
        normalize_parameter_types(definitions)
    parameters: Dict[str, JobParameter] = {}
    for definition in definitions:
        parameter: JobParameter = _check(where, validate_job_parameter, definition, type_required=True)
        if parameter["name"] in parameters:
            raise DeadlineOperationError(f"{where} defines the parameter {parameter['name']!r} twice.")
        parameters[parameter["name"]] = parameter
    return parameters


def _values(bundle_dir: str) -> Dict[str, Any]:
    content = read_yaml_or_json_object(bundle_dir, "parameter_values", required=False)
    if content is None:
        return {}
    where = path_of(bundle_dir, "parameter_values")
    entries = content.get("parameterValues") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise DeadlineOperationError(f"{where} has no list parameterValues.")
    values: Dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or "value" not in entry:
            raise DeadlineOperationError(f"{where} has an entry without name and value: {entry!r}.")
        if entry["name"] in values:
            raise DeadlineOperationError(f"{where} gives the parameter {entry['name']!r} a value twice.")
        values[entry["name"]] = entry["value"]
    return values


def _absolute(parameter: JobParameter, value: Any, folder: str, allow_uris: bool) -> Any:
    """A value with its paths, if they are some, made absolute by ``folder``."""
    if not _is_path(parameter):
        return value
    return _map_paths(parameter, value, lambda path: _joined(folder, path, allow_uris))


def _default_in_bundle(parameter: JobParameter, bundle_dir: str, allow_uris: bool) -> Any:
    root = os.path.realpath(bundle_dir)

    def absolute(path: str) -> str:
        if not path or (allow_uris and is_uri(path)):
            return path
        # Before version 3.9 the next line overlooks a name that the locale cannot write, instead of saying so.
        os.fsencode(path)
        target = os.path.realpath(os.path.join(root, path))
        if is_absolute_path(path) or not is_path_contained(target, root):
            raise DeadlineOperationError(
                f"{path_of(bundle_dir, 'template')}: the default {path!r} of parameter {parameter['name']!r} does not "
                "lie within the job bundle. Give it a relative path to a file of the bundle, or give the path as a value."
            )
        return _joined(bundle_dir, path, allow_uris)

    return _map_paths(parameter, parameter["default"], absolute)


def _joined(folder: str, path: str, allow_uris: bool) -> str:
    """``path`` made absolute by ``folder``; an empty one stays, and a URI where it may be one."""
    if not path or (allow_uris and is_uri(path)):
        return path
    return os.path.normpath(os.path.join(os.path.abspath(folder), path))


def _map_paths(parameter: JobParameter, value: Any, change: Callable[[str], str]) -> Any:
    if parameter["type"] == "PATH":
        return change(value) if isinstance(value, str) else value
    items = value
    if isinstance(items, str):
        try:
            items = json.loads(items)
        except ValueError:
            return value  # the check of the value says what is wrong
    return [change(item) if isinstance(item, str) else item for item in items] if isinstance(items, list) else value


def _collect_paths(
    parameter: JobParameter, bundle_dir: str, asset_references: AssetReferences, allow_uris: bool
) -> None:
    data_flow = parameter.get("dataFlow", "NONE")
    if data_flow not in DATA_FLOWS:
        raise DeadlineOperationError(
            f"The dataFlow {data_flow!r} of parameter {parameter['name']!r} is not one of {', '.join(DATA_FLOWS)}."
        )
    value = parameter.get("value", parameter.get("default"))
    items = value if isinstance(value, list) else [value]
    is_file = parameter.get("objectType") == "FILE"
    for item in items:
        if not isinstance(item, str) or not item or (allow_uris and is_uri(item)):
            continue
        path = _joined(bundle_dir, item, allow_uris)
        if data_flow == "NONE":
            asset_references.referenced_paths.add(path)
        if data_flow in ("IN", "INOUT"):
            (asset_references.input_filenames if is_file else asset_references.input_directories).add(path)
        if data_flow in ("OUT", "INOUT"):
            asset_references.output_directories.add(os.path.dirname(path) if is_file else path)


def _refuse_unknown_names(overrides: Mapping[str, Any], parameters: Sequence[JobParameter]) -> None:
    known = [parameter["name"] for parameter in parameters]
    # Names with a colon are properties of the job, or of another application.
    unknown = [name for name in overrides if name not in known and ":" not in name]
    if unknown:
        lines = [f"The job has no parameter {name!r}. {did_you_mean(name, known)}" for name in unknown]
        raise DeadlineOperationError("\n".join(lines))


def _require_values_of_hidden_parameters(parameters: Any, where: str) -> None:
    names = [
        parameter["name"]
        for parameter in parameters
        if parameter.get("userInterface", {}).get("control") == "HIDDEN"
        and "value" not in parameter
        and "default" not in parameter
    ]
    if names:
        raise DeadlineOperationError(
            f"{where} hides parameters that have neither a value nor a default: {', '.join(names)}."
        )


def _is_path(parameter: JobParameter) -> bool:
    type_ = PARAMETER_TYPES.get(parameter.get("type", ""))
    return type_ is not None and type_.is_path


def _check(where: str, check: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return check(*args, **kwargs)
    except (TypeError, ValueError) as error:
        raise DeadlineOperationError(f"{where}: {error}") from error
