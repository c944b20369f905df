from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, strategies as st

from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle import create_job_history_bundle_dir, deadline_yaml_dump
from deadline.client.job_bundle.loader import (
    is_job_bundle_dir,
    parse_yaml_or_json_content,
    read_yaml_or_json,
    read_yaml_or_json_object,
    validate_directory_symlink_containment,
)
from deadline.client.job_bundle.saver import save_yaml_or_json_to_file
from deadline.client.job_bundle.template_check import check_template

plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_a_folder_with_a_template_is_a_bundle(bundle: Path) -> None:
    assert not is_job_bundle_dir(str(bundle))
    (bundle / "template.json").write_text("{}", encoding="utf-8")

    assert is_job_bundle_dir(str(bundle))
    assert not is_job_bundle_dir(str(bundle / "template.json"))


@pytest.mark.parametrize("name", ["template.yml", "template.txt"])
def test_other_endings_are_not_read(name: str, bundle: Path) -> None:
    (bundle / name).touch()

    with pytest.raises(DeadlineOperationError, match=r"neither template\.yaml nor template\.json"):
        read_yaml_or_json(str(bundle), "template", required=True)


def test_an_optional_file_may_be_missing_or_empty(bundle: Path) -> None:
    assert read_yaml_or_json(str(bundle), "parameter_values", required=False) == ("", "")
    (bundle / "parameter_values.yaml").touch()

    assert read_yaml_or_json_object(str(bundle), "parameter_values", required=False) is None


def test_two_forms_of_one_file_are_refused(bundle: Path) -> None:
    (bundle / "template.yaml").touch()
    (bundle / "template.json").touch()

    with pytest.raises(DeadlineOperationError, match="both"):
        read_yaml_or_json(str(bundle), "template", required=True)


def test_a_bundle_that_does_not_exist_is_told_as_such(tmp_path: Path) -> None:
    for check in (
        lambda: read_yaml_or_json(str(tmp_path / "nowhere"), "template", required=True),
        lambda: validate_directory_symlink_containment(str(tmp_path / "nowhere")),
    ):
        with pytest.raises(DeadlineOperationError, match="no such folder"):
            check()


def test_a_byte_order_mark_is_no_obstacle(bundle: Path) -> None:
    (bundle / "template.json").write_bytes(b'\xef\xbb\xbf{"name": "x"}')

    assert read_yaml_or_json_object(str(bundle), "template", required=True) == {"name": "x"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("template.json", b"{", r"template\.json is not valid JSON.*line 1"),
        ("template.yaml", b"a: [", r"(?s)template\.yaml is not valid YAML.*line 1"),
        ("template.yaml", b"a: \x01", r"template\.yaml is not valid YAML"),
        ("template.yaml", b"a: 1\nb: \xff", r"template\.yaml is not UTF-8 text \(line 2\)"),
    ],
)
def test_text_that_cannot_be_understood_names_its_file(name: str, content: bytes, message: str, bundle: Path) -> None:
    (bundle / name).write_bytes(content)

    with pytest.raises(DeadlineOperationError, match=message):
        read_yaml_or_json_object(str(bundle), "template", required=True)


def test_other_types_of_text_are_a_mistake_of_the_program() -> None:
    with pytest.raises(RuntimeError):
        parse_yaml_or_json_content("", "TOML", "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_links_may_not_lead_out_of_a_bundle(bundle: Path) -> None:
    (bundle / "inside").mkdir()
    (bundle / "alias").symlink_to("inside")
    validate_directory_symlink_containment(str(bundle))
    outside = bundle.parent / "bundle-of-others"
    outside.mkdir()
    (bundle / "inside" / "link").symlink_to(outside)

    with pytest.raises(DeadlineOperationError, match=r"link points to .*bundle-of-others"):
        validate_directory_symlink_containment(str(bundle))


@given(plain_values)
def test_what_is_dumped_as_yaml_is_loaded_again(value: object) -> None:
    assert yaml.safe_load(str(deadline_yaml_dump(value))) == value


def test_yaml_keeps_the_order_and_shows_scripts_as_text() -> None:
    text = deadline_yaml_dump({"name": "x", "data": "#!/bin/sh\necho hi\n", "a": [1]}, indent=4)

    assert text == "name: x\ndata: |\n    #!/bin/sh\n    echo hi\na:\n- 1\n"


@pytest.mark.parametrize("file_type", ["YAML", "JSON"])
def test_what_is_saved_is_read_again(file_type: str, bundle: Path) -> None:
    save_yaml_or_json_to_file(str(bundle), "template", file_type, {"b": "é", "a": "x\ny\n"})

    assert read_yaml_or_json_object(str(bundle), "template", required=True) == {"b": "é", "a": "x\ny\n"}
    assert [path.name for path in bundle.iterdir()] == [f"template.{file_type.lower()}"]


def test_a_save_that_fails_leaves_the_old_file_alone(bundle: Path) -> None:
    save_yaml_or_json_to_file(str(bundle), "template", "JSON", {"kept": True})

    with pytest.raises(TypeError):
        save_yaml_or_json_to_file(str(bundle), "template", "JSON", {"bad": object()})
    with pytest.raises(RuntimeError):
        save_yaml_or_json_to_file(str(bundle), "template", "TOML", {})

    assert [path.name for path in bundle.iterdir()] == ["template.json"]
    assert json.loads((bundle / "template.json").read_text(encoding="utf-8")) == {"kept": True}


def test_history_folders_are_numbered_within_their_day(tmp_path: Path) -> None:
    set_setting("settings.job_history_dir", str(tmp_path / "history"))
    day = datetime.datetime.now().astimezone().strftime("%Y-%m-%d")

    first, second = (Path(create_job_history_bundle_dir("Ma/ya!", f"shot: {n}…")) for n in (1, 2))

    assert first.parent.name == day[:7]
    assert {first.name, second.name} == {f"{day}-01-Maya-shot 1", f"{day}-02-Maya-shot 2"}
    assert first.is_dir()
    assert second.is_dir()


def test_processes_that_submit_at_once_get_numbers_of_their_own(tmp_path: Path) -> None:
    set_setting("settings.job_history_dir", str(tmp_path / "history"))
    script = (
        "import sys\n"
        "from deadline.client.job_bundle import create_job_history_bundle_dir\n"
        "for n in range(20): create_job_history_bundle_dir('p', sys.argv[1] + str(n))\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, letter]) for letter in "abc"]

    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    names = [path.name for path in (tmp_path / "history").glob("*/*")]
    assert len(names) == 60
    assert len({name.split("-")[3] for name in names}) == 60


def test_a_history_folder_that_cannot_be_made_says_which_setting_to_change(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    set_setting("settings.job_history_dir", str(tmp_path / "file"))

    with pytest.raises(DeadlineOperationError, match=r"settings\.job_history_dir"):
        create_job_history_bundle_dir("x", "y")


@pytest.mark.skipif(sys.version_info >= (3, 9), reason="newer versions check templates")
def test_a_python_that_cannot_check_templates_says_so() -> None:
    remarks: list[str] = []
    check_template({"specificationVersion": "jobtemplate-2023-09", "name": "J", "steps": []}, "t.yaml", remarks.append)
    assert "checked by the service only" in remarks[0]


@pytest.mark.skipif(sys.version_info < (3, 9), reason="openjd-model needs Python 3.9")
def test_a_valid_template_passes_and_an_invalid_one_is_explained() -> None:
    step = {"name": "S", "script": {"actions": {"onRun": {"command": "true"}}}}
    template = {"specificationVersion": "jobtemplate-2023-09", "name": "J", "steps": [step]}
    remarks: list[str] = []

    check_template(template, "t.yaml", remarks.append)
    with pytest.raises(DeadlineOperationError, match=r"(?s)t\.yaml is not a valid job template.*steps"):
        check_template({**template, "steps": []}, "t.yaml", remarks.append)

    assert remarks == []
    check_template({**template, "extensions": ["FROM_THE_FUTURE"], "steps": []}, "t.yaml", remarks.append)
    assert "FROM_THE_FUTURE" in remarks[0]
