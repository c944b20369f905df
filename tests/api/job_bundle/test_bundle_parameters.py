"""The parameters of a bundle's files, the values of a caller, and what comes of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle import apply_job_parameters, read_job_bundle_parameters
from deadline.client.job_bundle.adaptors import parse_frame_range
from deadline.client.job_bundle.asset_reference_file import read_asset_references
from deadline.client.job_bundle.parameter_arguments import parse_parameter_arguments
from deadline.client.job_bundle.submission import AssetReferences, split_parameter_args

PATH_IN = {"name": "In", "type": "PATH", "objectType": "FILE", "dataFlow": "IN"}


def write(bundle: Path, *definitions: Any, values: Any = None, extensions: list[str] | None = None) -> str:
    template: dict[str, Any] = {"specificationVersion": "jobtemplate-2023-09", "name": "J"}
    template["parameterDefinitions"] = list(definitions)
    if extensions is not None:
        template["extensions"] = extensions
    (bundle / "template.json").write_text(json.dumps(template), encoding="utf-8")
    if values is not None:
        (bundle / "parameter_values.json").write_text(json.dumps(values), encoding="utf-8")
    return str(bundle)


def entries(**values: Any) -> dict[str, Any]:
    return {"parameterValues": [{"name": name.replace("__", ":"), "value": value} for name, value in values.items()]}


def values_of(parameters: Any) -> dict[str, Any]:
    return {parameter["name"]: parameter["value"] for parameter in parameters if "value" in parameter}


# Files


def test_values_belong_to_their_definitions_and_others_come_last(bundle: Path) -> None:
    folder = write(
        bundle,
        {"name": "A", "type": "INT"},
        {"name": "B", "type": "INT", "default": 2},
        values=entries(Q=1, A=5, deadline__priority=7),
    )
    assert read_job_bundle_parameters(folder) == [
        {"name": "A", "type": "INT", "value": 5},
        {"name": "B", "type": "INT", "default": 2},
        {"name": "Q", "value": 1},
        {"name": "deadline:priority", "value": 7},
    ]


def test_relative_paths_lie_below_the_bundle(bundle: Path) -> None:
    paths = {"name": "Ps", "type": "LIST[PATH]", "default": ["a", "", "s3://bucket/x"]}
    defaulted = {**PATH_IN, "name": "Default", "default": "in/./scene.ma"}
    folder = write(
        *(bundle, PATH_IN, paths, defaulted, {**PATH_IN, "name": "Empty", "default": ""}),
        values=entries(In="../other/x"),
        extensions=["EXPR"],
    )
    assert values_of(read_job_bundle_parameters(folder)) == {
        "In": str(bundle.parent / "other" / "x"),
        "Ps": [str(bundle / "a"), "", "s3://bucket/x"],
        "Default": str(bundle / "in" / "scene.ma"),
    }


def test_types_may_be_in_any_case_with_expressions_only(bundle: Path) -> None:
    lower = {"name": "L", "type": "list[int]", "default": [1]}
    (parameter,) = read_job_bundle_parameters(write(bundle, lower, extensions=["EXPR"]))
    assert parameter["type"] == "LIST[INT]"
    with pytest.raises(DeadlineOperationError, match=r"template\.json.*'L'.*type"):
        read_job_bundle_parameters(write(bundle, lower))


@pytest.mark.parametrize("default", ["../secret", "/etc/passwd", "in/../../secret"])
def test_a_default_does_not_leave_the_bundle(default: str, bundle: Path) -> None:
    with pytest.raises(DeadlineOperationError, match=r"template\.json.*'In'.*within the job bundle"):
        read_job_bundle_parameters(write(bundle, {**PATH_IN, "default": default}))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_default_does_not_leave_the_bundle_by_a_link(bundle: Path) -> None:
    (bundle.parent / "outside").mkdir()
    (bundle / "link").symlink_to(bundle.parent / "outside")
    with pytest.raises(DeadlineOperationError, match="within the job bundle"):
        read_job_bundle_parameters(write(bundle, {**PATH_IN, "default": "link/x"}))


@pytest.mark.parametrize(
    ("definitions", "values", "message"),
    [
        ([5], None, r"template\.json: A job parameter is a mapping"),
        ([{"name": "P"}], None, r"template\.json: Parameter 'P': it has no type"),
        ([{"name": "P", "type": "INT", "default": "x"}], None, r"template\.json: Parameter 'P': its default"),
        ([{"name": "P", "type": "INT"}] * 2, None, r"template\.json defines the parameter 'P' twice"),
        ([{"name": "P", "type": "INT", "userInterface": {"control": "HIDDEN"}}], None, r"template\.json hides .*P"),
        ([{**PATH_IN, "default": "a", "allowedValues": ["a"]}], None, r"template\.json.*'In'.*expected one of"),
        ([], [], r"parameter_values\.json has no list parameterValues"),
        ([], {"parameterValues": {}}, r"parameter_values\.json has no list"),
        ([], {"parameterValues": [{"name": "P"}]}, r"parameter_values\.json has an entry without name and value"),
        ([], {"parameterValues": [{"name": "P", "value": 1}] * 2}, r"parameter_values\.json gives .*'P' a value twice"),
    ],
)
def test_files_that_are_not_well_formed_are_named_with_the_parameter(
    definitions: Any, values: Any, message: str, bundle: Path
) -> None:
    with pytest.raises(DeadlineOperationError, match=message):
        read_job_bundle_parameters(write(bundle, *definitions, values=values))


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("[]", "not a mapping"),
        ("specificationVersion: '2.0'", "specificationVersion '2.0'"),
        ("specificationVersion: jobtemplate-2023-09\nparameterDefinitions: {}", "parameterDefinitions"),
        ("name: x\ndate: 2024-99-99\n", r"not valid YAML(.|\n)*line 2"),
        ("name: x\nscript: \x07\n", r"not valid YAML.*U\+0007 in line 2"),
        ("[" * 600, "not valid YAML: its values are nested too deeply"),
        ("a: !!python/object:os.system {}", "not valid YAML"),
    ],
)
def test_a_template_that_is_none_is_told_with_its_file(template: str, message: str, bundle: Path) -> None:
    (bundle / "template.yaml").write_text(template, encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match=rf"template\.yaml.*{message}"):
        read_job_bundle_parameters(str(bundle))


@pytest.mark.parametrize("content", ["[1]", '{"inputs": {}}', '{"assetReferences": {"inputs": {"filenames": [5]}}}'])
def test_references_that_are_not_well_formed_are_told_with_their_file(content: str, bundle: Path) -> None:
    (bundle / "asset_references.json").write_text(content, encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match=r"asset_references\.json"):
        read_asset_references(str(bundle))


# Values of a caller


def apply(
    bundle: Path, definitions: list[Any], overrides: Any, **options: Any
) -> tuple[dict[str, Any], AssetReferences]:
    parameters = [dict(definition) for definition in definitions]
    references = AssetReferences()
    apply_job_parameters(overrides, str(bundle), parameters, references, **options)  # type: ignore[arg-type]
    return values_of(parameters), references


def test_a_callers_value_goes_first_and_its_paths_are_relative_to_the_working_directory(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bundle.parent)
    paths = {"name": "Ps", "type": "LIST[PATH]"}
    definitions = [{**PATH_IN, "value": "kept"}, paths, {"name": "N", "type": "INT", "value": 1}]
    given = [
        {"name": "In", "value": "x/../a"},
        {"name": "Ps", "value": '["b", "s3://c/d"]'},
        {"name": "N", "value": None},
    ]

    values, references = apply(bundle, definitions, given, allow_uri_path_values=True)

    here = Path.cwd()
    assert values == {"In": str(here / "a"), "Ps": [str(here / "b"), "s3://c/d"], "N": 1}
    assert references.input_filenames == {str(here / "a")}
    assert references.referenced_paths == {str(here / "b")}


def test_a_bundles_value_for_a_path_of_the_queue_is_relative_to_the_bundle(bundle: Path) -> None:
    values, references = apply(bundle, [{**PATH_IN, "value": "licence.lic"}], [])
    assert values == {"In": str(bundle / "licence.lic")}
    assert references.input_filenames == {str(bundle / "licence.lic")}


def test_an_empty_path_is_a_value(bundle: Path) -> None:
    values, references = apply(bundle, [{**PATH_IN, "value": "/a"}], [{"name": "In", "value": ""}])
    assert values == {"In": ""}
    assert not references


def test_properties_of_the_job_can_be_given_and_replaced(bundle: Path) -> None:
    given = [{"name": "deadline:priority", "value": 5}, {"name": "deadline:maxWorkerCount", "value": 2}]
    values, _ = apply(bundle, [{"name": "deadline:priority", "value": 50}], [*given, {"name": "other:x", "value": 1}])
    assert values == {"deadline:priority": 5, "deadline:maxWorkerCount": 2, "other:x": 1}


def test_all_misspelt_names_are_told_with_what_may_be_meant(bundle: Path) -> None:
    definitions = [{"name": "Frames", "type": "STRING", "default": ""}, {"name": "Take", "type": "INT", "default": 1}]
    given = [{"name": name, "value": "1"} for name in ("frames", "Tale", "Nothing")]
    with pytest.raises(DeadlineOperationError) as caught:
        apply(bundle, definitions, given)
    assert str(caught.value).splitlines() == [
        "The job has no parameter 'frames'. Did you mean Frames?",
        "The job has no parameter 'Tale'. Did you mean Take?",
        "The job has no parameter 'Nothing'. There are: Frames, Take.",
    ]


def test_a_value_of_the_bundle_that_is_not_allowed_is_told_with_its_file_unless_it_is_replaced(bundle: Path) -> None:
    folder = write(bundle, {"name": "Take", "type": "INT", "maxValue": 5}, values=entries(Take=6))
    parameters = read_job_bundle_parameters(folder)

    with pytest.raises(
        DeadlineOperationError, match=r"parameter_values\.json: The value 6 of parameter 'Take'.*maxValue"
    ):
        apply_job_parameters([], folder, parameters, AssetReferences())
    apply_job_parameters([{"name": "Take", "value": "4"}], folder, parameters, AssetReferences())
    assert values_of(parameters) == {"Take": "4"}


@pytest.mark.parametrize("item", [{"name": "A"}, {"value": 1}, "A=1", {"name": 5, "value": 1}])
def test_a_value_without_name_or_value_is_an_error(item: Any, bundle: Path) -> None:
    with pytest.raises(DeadlineOperationError, match="mapping of name and value"):
        apply(bundle, [], [item])


def test_a_parameter_without_any_value_says_how_to_give_one(bundle: Path) -> None:
    with pytest.raises(DeadlineOperationError, match=r"'In'.*-p In="):
        apply(bundle, [PATH_IN], [{"name": "In", "value": None}])


@pytest.mark.parametrize(
    ("object_type", "data_flow", "expected"),
    [
        ("FILE", "NONE", {"referenced_paths": "/a/b"}),
        ("FILE", "IN", {"input_filenames": "/a/b"}),
        ("FILE", "OUT", {"output_directories": "/a"}),
        ("FILE", "INOUT", {"input_filenames": "/a/b", "output_directories": "/a"}),
        ("DIRECTORY", "IN", {"input_directories": "/a/b"}),
        ("DIRECTORY", "OUT", {"output_directories": "/a/b"}),
        (None, "INOUT", {"input_directories": "/a/b", "output_directories": "/a/b"}),
        (None, None, {"referenced_paths": "/a/b"}),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
def test_paths_are_references_by_their_data_flow(
    object_type: str | None, data_flow: str | None, expected: dict[str, str], bundle: Path
) -> None:
    fields = {"objectType": object_type, "dataFlow": data_flow}
    parameter = {
        "name": "P",
        "type": "PATH",
        "value": "/a/b",
        **{name: value for name, value in fields.items() if value},
    }
    _, references = apply(bundle, [parameter], [])
    assert references == AssetReferences(**{name: {path} for name, path in expected.items()})


# What CreateJob gets


def test_values_become_properties_of_the_job_and_typed_parameters() -> None:
    parameters: Any = [
        {"name": "deadline:priority", "value": 5},
        {"name": "other:thing", "value": 5},
        {"name": "N", "type": "INT", "value": "007"},
        {"name": "Default", "type": "INT", "default": 1},
    ]
    assert split_parameter_args(parameters, "b") == ({"priority": 5}, {"N": {"int": "7"}})
    assert split_parameter_args(parameters, "b", "other", ["thing"])[0] == {"thing": 5}


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ({"name": "deadline:prority", "value": 5}, "deadline:prority.*deadline:priority"),
        ({"name": "N", "type": "INT", "value": "x"}, "'x'.*'N'"),
        ({"name": "N", "type": "STRING", "value": True}, "'N'.*quotes"),
        ({"name": "N", "type": "STRING", "value": "ab", "allowedPattern": "a"}, "'N'.*allowedPattern"),
        ({"name": "N", "type": "FLOAT", "value": "0x10"}, "'N'.*number"),
        ({"name": "N", "type": "FUTURE", "value": 1}, "'N'.*FUTURE"),
        ({"name": "N", "value": 1}, "'N'.*nobody defines"),
    ],
)
def test_values_that_the_service_would_refuse_are_told_here(parameter: Any, message: str) -> None:
    with pytest.raises(DeadlineOperationError, match=message):
        split_parameter_args([parameter], "bundle")


# Values on a command line


def test_values_come_in_three_forms_of_which_the_last_counts(tmp_path: Path) -> None:
    listed, mapped = tmp_path / "listed.yaml", tmp_path / "mapped.json"
    listed.write_text("parameterValues:\n- {name: A, value: [1]}\n", encoding="utf-8")
    mapped.write_text('\ufeff{\n\t"B": 2,\n\t"C": null}', encoding="utf-8")
    arguments = ["A=x=1\ny", f"file://{listed}", f"file://{mapped}", '{"C": 3}', "deadline:priority=9", " D = e "]
    assert parse_parameter_arguments(arguments) == [
        {"name": "A", "value": [1]},
        {"name": "B", "value": 2},
        {"name": "C", "value": 3},
        {"name": "deadline:priority", "value": "9"},
        {"name": "D", "value": " e "},
    ]


@pytest.mark.parametrize("argument", ["A", "=x", "1A=x", "{", "[1]", "a:b:c=1", "file://nowhere.json"])
def test_another_argument_is_refused(argument: str) -> None:
    with pytest.raises(DeadlineOperationError):
        parse_parameter_arguments([argument])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.json", b"{,}", "neither JSON nor YAML"),
        ("v.yaml", b"a: 2024-99-99", "neither JSON nor YAML(.|\\n)*line 1"),
        ("v.yaml", b"\xff", "UTF-8"),
        ("v.yaml", b"[1]", "no mapping"),
        ("v.yaml", b"parameterValues: [1]", "no mapping"),
        ("v.yaml", b"parameterValues: [{name: A, value: 1}, {name: A, value: 2}]", "'A' a value twice"),
    ],
)
def test_a_file_without_values_is_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DeadlineOperationError, match=rf"{name}.*{message}"):
        parse_parameter_arguments([f"file://{tmp_path / name}"])


# Frames


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("5", [5]),
        ("-5", [-5]),
        ("1-3", [1, 2, 3]),
        ("3-1", [3, 2, 1]),
        ("-1--3", [-1, -2, -3]),
        ("1-10:4", [1, 5, 9]),
        ("10-1:-4", [10, 6, 2]),
        ("7-7", [7]),
    ],
)
def test_a_frame_range_is_its_frames(text: str, frames: list[int]) -> None:
    assert parse_frame_range(text) == frames


@pytest.mark.parametrize("text", ["", "a", "1-", "1 - 3", "1-3:0", "1-3:-1", "3-1:1", "1,2", "1-3:2x", "１"])
def test_other_text_is_no_frame_range(text: str) -> None:
    with pytest.raises(ValueError, match="frame"):
        parse_frame_range(text)
