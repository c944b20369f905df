"""Hooks of one folder: the file, who may run, what the user is shown, what runs, and what comes of it."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from hypothesis import given, settings, strategies as st

from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError
from deadline.client.job_bundle._hooks import _generate_hooks_confirmation_message
from deadline.client.job_bundle.hooks import (
    HookManager,
    HookMetadata,
    collect_pre_gui_hook_sources,
    collect_submission_hook_sources,
    record_hooks_origin,
)
from deadline.client.job_bundle.hooks.hook_file import Hook, HookPhase, Hooks, read_hooks
from deadline.client.job_bundle.hooks.outputs import SubmissionChanges, merged_output
from deadline.client.job_bundle.hooks.running import run_pre_submission_hooks
from deadline.client.job_bundle.hooks.sources import HookSource, find_hook_sources

CONNECT = """\
import socket, sys
s = socket.create_connection(("127.0.0.1", {port}))
s.sendall(b".")
sys.stderr.write("here\\n")
sys.stderr.flush()
s.recv(1)
"""
"""Code of a program that tells a test that it runs, and runs until it is ended."""


def hook(code: str, *arguments: str, **members: Any) -> dict[str, Any]:
    """A hook that runs a piece of Python."""
    return {"command": sys.executable, "args": ["-S", "-c", code, *arguments], **members}


def answering(answer: Any, **members: Any) -> dict[str, Any]:
    return hook("import sys; sys.stdout.write(sys.argv[1])", json.dumps(answer), **members)


def write_hooks(folder: Path, **content: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hooks.json").write_text(json.dumps({"version": "1.0", **content}), encoding="utf-8")
    return folder


class Manager(HookManager):
    """A manager that remembers what it printed."""

    def __init__(self, folder: Path, **content: Any) -> None:
        self.lines: list[str] = []
        super().__init__(str(write_hooks(folder, **content)), self.lines.append)
        self.load_hooks()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


def connected(listener: socket.socket) -> socket.socket:
    """The connection of a program that runs :data:`CONNECT`."""
    connection, _ = listener.accept()
    connection.settimeout(60)
    assert connection.recv(1) == b"."
    return connection


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


# The file


def test_a_hooks_file_says_what_runs_in_which_phase(tmp_path: Path) -> None:
    (tmp_path / "hooks.yaml").write_text(
        "version: 1.0\n"
        "preSubmission:\n- command: check.py\n  args: [--strict]\n  timeout: 5\n  env: {FRAMES: 24, DEBUG: true}\n"
        "postSubmission:\n- command: tell\npreGUI:\n",
        encoding="utf-8",
    )
    assert read_hooks(str(tmp_path)) == Hooks(
        pre_submission=(Hook("check.py", ("--strict",), 5, {"FRAMES": "24", "DEBUG": "True"}),),
        post_submission=(Hook("tell"),),
    )
    assert not read_hooks(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], r"hooks\.json is not a mapping"),
        ({"version": "2.0"}, r"hooks\.json has the version '2\.0'"),
        ({"version": True}, r"hooks\.json has the version True"),
        ({"preGUI": {}}, r"hooks\.json: preGUI is not a list"),
        ({"preGUI": ["x"]}, r"preGUI\[0\] is not a hook"),
        ({"preSubmission": [{"command": "a"}, {}]}, r"preSubmission\[1\]\.command is None"),
        ({"preSubmission": [{"command": " "}]}, r"preSubmission\[0\]\.command is ' '"),
        ({"preSubmission": [{"command": "a", "args": "b"}]}, r"preSubmission\[0\]\.args is not a list"),
        ({"preSubmission": [{"command": "a", "args": ["b", 7]}]}, r"args\[1\] is 7, .* quotes"),
        ({"postSubmission": [{"command": "a", "timeout": True}]}, r"postSubmission\[0\]\.timeout is True"),
        ({"postSubmission": [{"command": "a", "timeout": 0}]}, r"timeout is 0"),
        ({"postSubmission": [{"command": "a", "timeout": 1.5}]}, r"timeout is 1\.5"),
        ({"postSubmission": [{"command": "a", "env": []}]}, r"postSubmission\[0\]\.env is not a mapping"),
        ({"postSubmission": [{"command": "a", "env": {"B": None}}]}, r"env\.B has a value that is no text"),
        ({"postSubmission": [{"command": "a", "env": {"A=B": "c"}}]}, r"env has 'A=B'"),
    ],
)
def test_what_is_wrong_in_a_hooks_file_is_named(tmp_path: Path, content: Any, message: str) -> None:
    (tmp_path / "hooks.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match=message) as caught:
        read_hooks(str(tmp_path))
    assert str(tmp_path) in str(caught.value)


def test_two_hooks_files_are_one_too_many(tmp_path: Path) -> None:
    write_hooks(tmp_path)
    (tmp_path / "hooks.yaml").write_text("{}", encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match=r"both hooks\.json and hooks\.yaml"):
        read_hooks(str(tmp_path))


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
_ENTRIES = st.fixed_dictionaries({}, optional=dict.fromkeys(("command", "args", "timeout", "env"), _VALUES))
_FILES = st.fixed_dictionaries(
    {}, optional={"version": _VALUES, "preGUI": st.lists(_ENTRIES | _VALUES, max_size=3), "preSubmission": _VALUES}
)


@settings(deadline=None, max_examples=60)
@given(content=_FILES | _VALUES)
def test_any_content_is_hooks_or_a_clear_error(content: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "hooks.json").write_text(json.dumps(content), encoding="utf-8")
    try:
        hooks = read_hooks(str(folder))
    except DeadlineOperationError:
        return
    assert all(isinstance(hook.command, str) and hook.timeout > 0 for phase in HookPhase for hook in hooks.of(phase))


# Sources and consent


def collected(collect: Callable[..., Any], *arguments: Any) -> tuple[list[str], list[str], list[str]]:
    """The labels of the sources, the notes, and the warnings."""
    notes: list[str] = []
    warnings: list[str] = []
    managers = collect(*arguments, notes.append, warnings.append)
    return [manager.source_label for manager in managers], notes, warnings


BOTH = ["environment (DEADLINE_HOOKS_DIR)", "job bundle"]


def test_hooks_of_the_environment_run_before_those_of_the_bundle(tmp_path: Path) -> None:
    studio = str(write_hooks(tmp_path / "studio", postSubmission=[{"command": "a"}]))
    bundle = str(write_hooks(tmp_path / "bundle", preSubmission=[{"command": "b"}]))

    assert collected(collect_submission_hook_sources, bundle, studio, True, True) == (BOTH, [], [])
    assert collected(collect_pre_gui_hook_sources, bundle, studio, True, True) == ([], [], [])
    assert collected(collect_submission_hook_sources, "", studio, True, True)[0] == BOTH[:1]
    assert collected(collect_submission_hook_sources, None, None, True, True) == ([], [], [])


def test_hooks_that_no_setting_allows_do_not_run_and_are_told(tmp_path: Path) -> None:
    studio = str(write_hooks(tmp_path / "studio", preGUI=[{"command": "a"}]))
    bundle = str(write_hooks(tmp_path / "bundle", preGUI=[{"command": "b"}]))

    labels, notes, warnings = collected(collect_pre_gui_hook_sources, bundle, studio, False, False)

    assert (labels, warnings) == ([], [])
    assert "deadline config set settings.allow_environment_hooks true" in notes[0]
    assert "deadline config set settings.allow_bundle_hooks true" in notes[1]


def test_one_folder_of_hooks_runs_once_and_either_setting_allows_it(tmp_path: Path) -> None:
    folder = str(write_hooks(tmp_path / "both", preGUI=[{"command": "a"}]))
    for allowed in ((True, False), (False, True)):
        assert collected(collect_pre_gui_hook_sources, folder, folder, *allowed) == (["job bundle"], [], [])


def test_a_variable_that_names_no_folder_and_a_file_that_cannot_be_read_are_warnings(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "hooks.yaml").write_text("preGUI: 7", encoding="utf-8")

    labels, notes, warnings = collected(
        collect_submission_hook_sources, str(bundle), str(tmp_path / "nowhere"), False, True
    )

    assert (labels, notes) == ([], [])
    assert "DEADLINE_HOOKS_DIR" in warnings[0]
    assert "preGUI is not a list" in warnings[1]
    with pytest.raises(DeadlineOperationError, match="preGUI is not a list"):
        collected(collect_submission_hook_sources, str(bundle), "", True, True)


def test_managers_can_be_of_another_class(tmp_path: Path) -> None:
    class Mine(HookManager):
        pass

    bundle = str(write_hooks(tmp_path, preGUI=[{"command": "a"}]))
    (manager,) = collect_pre_gui_hook_sources(bundle, None, True, False, print, hook_manager_cls=Mine)
    assert isinstance(manager, Mine)
    assert manager.job_bundle_dir == bundle
    assert manager.hooks.pre_gui == (Hook("a"),)


def test_a_copied_bundle_has_the_scripts_of_the_one_that_it_was_copied_from(tmp_path: Path) -> None:
    original, copy, copy_of_copy = tmp_path / "original", tmp_path / "copy", tmp_path / "again"
    write_hooks(original)
    (original / "check.py").write_text("print('{\"priority\": 7}')", encoding="utf-8")
    for folder, source in ((copy, original), (copy_of_copy, copy)):
        write_hooks(folder, preSubmission=[{"command": sys.executable, "args": ["check.py"]}])
        record_hooks_origin(str(folder), str(source))
        assert (folder / ".hooks_origin").read_text(encoding="utf-8") == str(original)

    (manager,) = collect_submission_hook_sources(str(copy_of_copy), None, True, False, print)
    assert manager.execute_pre_submission_hooks(HookMetadata(), {}) == {"priority": 7}
    assert manager._original_bundle_dir == str(original)


@pytest.mark.parametrize("who", ["a stranger", "a stranger, over what this client wrote"])
def test_a_bundle_cannot_name_another_folder_for_its_scripts(tmp_path: Path, who: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "tool").write_text("", encoding="utf-8")
    bundle = write_hooks(tmp_path / "bundle", preSubmission=[{"command": "tool"}])
    if "over" in who:
        record_hooks_origin(str(bundle), str(tmp_path))
    (bundle / ".hooks_origin").write_text(str(elsewhere), encoding="utf-8")

    found = find_hook_sources(
        (HookPhase.PRE_SUBMISSION,), str(bundle), None, allow_bundle_hooks=True, allow_environment_hooks=True
    )

    assert [source.script_folder for source in found.sources] == [str(bundle)]
    assert "passed over" in found.warnings[0]


def test_users_see_the_programs_as_they_would_run_and_nothing_that_hides_them(tmp_path: Path) -> None:
    bundle = write_hooks(
        tmp_path / "bundle",
        preSubmission=[
            {"command": "check.py", "args": ["data.txt", "two words"], "env": {"TOKEN": "secret"}, "timeout": 5}
        ],
        postSubmission=[{"command": "no-such-program", "args": ["\x1b[2K\u202e", "line\nbreak"]}],
    )
    for name in ("check.py", "data.txt"):
        (bundle / name).write_text("", encoding="utf-8")
    (manager,) = collect_submission_hook_sources(str(bundle), None, True, False, print)

    text = _generate_hooks_confirmation_message(manager.hooks, manager._original_bundle_dir, manager.source_label)

    assert "Hooks of the job bundle" in text
    assert f"1. {bundle / 'check.py'} {bundle / 'data.txt'} 'two words'" in text.replace('"', "'")
    assert "TOKEN" in text
    assert "secret" not in text
    assert "5 seconds" in text
    assert "no-such-program" in text
    assert "there is no such program" in text
    assert "\\x1b[2K\\u202e" in text
    assert all(line.isprintable() for line in text.split("\n"))
    assert "line\\nbreak" in text


# Running


def test_a_hook_is_told_about_the_submission(tmp_path: Path) -> None:
    echo = hook(
        "import json, os, sys; told = json.load(sys.stdin); "
        "env = {n: v for n, v in os.environ.items() if n.startswith('DEADLINE_') or n == 'STUDIO'}; "
        "print(json.dumps({'told': told, 'env': env}))",
        env={"STUDIO": "north"},
    )
    manager = Manager(tmp_path / "b", preSubmission=[echo])
    metadata = HookMetadata(
        job_name="Sz\u00e9ne \u6620",
        priority=7,
        farm_id="farm-1",
        queue_id="queue-1",
        job_bundle_dir=str(tmp_path / "b" / ".." / "b"),
        parameters={"Take": 1, "Word": None},
        submitter_name="Maya",
        storage_profile_id="sp-1",
        resolved={"parameters": {"Word": "hello"}},
    )

    output = manager.execute_pre_submission_hooks(metadata, {"priority": 3})

    assert output["told"] == {
        "jobName": "Sz\u00e9ne \u6620",
        "priority": 7,
        "farmId": "farm-1",
        "queueId": "queue-1",
        "jobBundleDir": str(tmp_path / "b"),
        "parameters": {"Take": 1, "Word": None},
        "submitterName": "Maya",
        "assetReferences": {},
        "submissionPayload": {"priority": 3},
        "storageProfileId": "sp-1",
        "resolved": {"parameters": {"Word": "hello"}},
    }
    wanted = {
        "DEADLINE_JOB_NAME": "Sz\u00e9ne \u6620",
        "DEADLINE_PRIORITY": "7",
        "DEADLINE_FARM_ID": "farm-1",
        "DEADLINE_QUEUE_ID": "queue-1",
        "DEADLINE_JOB_BUNDLE_DIR": str(tmp_path / "b"),
        "DEADLINE_STORAGE_PROFILE_ID": "sp-1",
        "STUDIO": "north",
    }
    assert wanted.items() <= output["env"].items()
    assert "DEADLINE_JOB_ID" not in output["env"]


def test_answers_are_merged_in_their_order(tmp_path: Path) -> None:
    first = {
        "priority": 1,
        "template": "a",
        "parameters": {"A": 1, "B": 1},
        "attachments": {"assetReferences": {"inputFilenames": ["/a"], "referencedPaths": ["/r"]}, "x": 1},
    }
    second = {"priority": 2, "parameters": {"B": 2}, "attachments": {"assetReferences": {"inputFilenames": ["/b"]}}}
    manager = Manager(tmp_path, preSubmission=[answering(first), hook("pass"), answering(second)])

    output = manager.execute_pre_submission_hooks(HookMetadata(), {})

    references = {"inputFilenames": ["/b"], "referencedPaths": ["/r"]}
    assert output == {
        "priority": 2,
        "template": "a",
        "parameters": {"A": 1, "B": 2},
        "attachments": {"assetReferences": references, "x": 1},
    }
    changes = SubmissionChanges.of(output)
    assert (changes.priority, changes.template, changes.asset_references) == (2, "a", references)
    assert merged_output({"parameters": {"A": 1}}, {"parameters": None}) == {"parameters": {"A": 1}}


def test_pre_gui_hooks_answer_what_a_window_shows(tmp_path: Path) -> None:
    hooks = [answering({"name": "a", "parameters": {"A": 1}}), answering({"parameters": {"B": 2}, "description": "d"})]
    manager = Manager(tmp_path, preGUI=hooks)
    assert manager.execute_pre_gui_hooks(HookMetadata()) == {
        "name": "a",
        "description": "d",
        "parameters": {"A": 1, "B": 2},
    }


@pytest.mark.parametrize(
    ("phase", "text", "message"),
    [
        ("preSubmission", "hello", "not JSON"),
        ("preSubmission", "[1]", "answered list"),
        ("preSubmission", '{"template": 7}', "template"),
        ("preSubmission", '{"priority": "high"}', "priority 'high'"),
        ("preSubmission", '{"priority": true}', "priority True"),
        ("preSubmission", '{"parameters": []}', "parameters that is not an object"),
        ("preSubmission", '{"attachments": 1}', "attachments that is not an object"),
        ("preSubmission", '{"attachments": {"assetReferences": {"inputFilenames": [1]}}}', "not a list of paths"),
        ("preSubmission", '{"attachments": {"assetReferences": {"inputFileNames": []}}}', "inputFileNames; there are"),
        ("preGUI", '{"priority": 1}', "'priority'; there are only"),
        ("preGUI", '{"name": 1}', "name that is not text"),
        ("preGUI", '{"parameters": []}', "parameters that are not"),
    ],
)
def test_an_answer_that_is_not_well_formed_is_an_error(tmp_path: Path, phase: str, text: str, message: str) -> None:
    manager = Manager(tmp_path, **{phase: [hook("import sys; sys.stdout.write(sys.argv[1])", text)]})
    before: Any = manager.execute_pre_submission_hooks
    run = manager.execute_pre_gui_hooks if phase == "preGUI" else lambda metadata: before(metadata, {})
    with pytest.raises(DeadlineOperationError, match=message) as caught:
        run(HookMetadata())
    assert "hook 1" in str(caught.value)


def test_an_answer_may_begin_with_a_byte_order_mark_but_has_to_be_utf_8(tmp_path: Path) -> None:
    write = "import sys; sys.stdout.buffer.write({!r})"
    manager = Manager(tmp_path, preSubmission=[hook(write.format('\ufeff{"x": "\u6620"}'.encode()))])
    assert manager.execute_pre_submission_hooks(HookMetadata(), {}) == {"x": "\u6620"}
    manager = Manager(tmp_path, preSubmission=[hook(write.format(b'{"x": "\xfc"}'))])
    with pytest.raises(DeadlineOperationError, match="not UTF-8"):
        manager.execute_pre_submission_hooks(HookMetadata(), {})


def test_a_hook_that_fails_says_how_and_what_it_wrote(tmp_path: Path) -> None:
    manager = Manager(tmp_path, preSubmission=[hook("import sys; print('half an answer'); sys.exit(3)"), hook("")])
    with pytest.raises(DeadlineOperationError, match=r"pre-submission hook 1 .* failed with exit code 3"):
        manager.execute_pre_submission_hooks(HookMetadata(), {})
    assert "half an answer" in manager.lines[-1]
    assert "exit code 3" in manager.lines[-1]
    assert len(manager.lines) == 2


@pytest.mark.parametrize("command", ["no-such-program", "folder/no-such-program", os.path.abspath("no-such-program")])
def test_a_program_that_is_nowhere_is_named(tmp_path: Path, command: str) -> None:
    manager = Manager(tmp_path, preSubmission=[{"command": command}])
    with pytest.raises(DeadlineOperationError, match="no-such-program"):
        manager.execute_pre_submission_hooks(HookMetadata(), {})


def test_a_script_without_the_right_to_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "check.txt").write_text("no program", encoding="utf-8")
    manager = Manager(tmp_path, preSubmission=[{"command": "check.txt"}])
    with pytest.raises(DeadlineOperationError, match=r"could not be started.*check\.txt"):
        manager.execute_pre_submission_hooks(HookMetadata(), {})


def test_a_program_in_the_working_directory_is_none_of_the_hooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here" / "bin").mkdir(parents=True)
    program = tmp_path / "here" / "bin" / "tool"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path / "here")
    manager = Manager(tmp_path / "bundle", preSubmission=[{"command": "bin/tool"}])
    with pytest.raises(DeadlineOperationError, match="neither in"):
        manager.execute_pre_submission_hooks(HookMetadata(), {})


def test_complaints_come_line_by_line_while_the_hook_runs(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    code = (
        "import os, sys, time\n"
        "sys.stderr.write('first \\u6620\\n50 %\\r'); sys.stderr.flush()\n"
        "while not os.path.exists(sys.argv[1]): time.sleep(0.01)\n"
        "sys.stderr.write('last')\n"
    )
    folder = write_hooks(tmp_path / "b", preSubmission=[hook(code, str(gate), timeout=60)])
    lines: list[str] = []

    def show(line: str) -> None:
        lines.append(line)
        if "first" in line:
            gate.touch()

    manager = HookManager(str(folder), show)
    manager.load_hooks()
    assert manager.execute_pre_submission_hooks(HookMetadata(), {}) == {}
    prefix = "  [pre-submission hook 1] "
    assert lines[1:] == [f"{prefix}first \u6620", f"{prefix}50 %", f"{prefix}last"]
    assert "pre-submission hook 1" in lines[0]


def test_a_hook_need_not_read_what_it_is_told(tmp_path: Path) -> None:
    manager = Manager(tmp_path, preSubmission=[answering({"priority": 1})])
    metadata = HookMetadata(parameters={"Long": "x" * 1_000_000})
    assert manager.execute_pre_submission_hooks(metadata, {}) == {"priority": 1}


def test_a_hook_that_prints_without_end_is_ended(tmp_path: Path) -> None:
    manager = Manager(tmp_path, preSubmission=[hook("while True: print('x' * 65536)", timeout=60)])
    with pytest.raises(DeadlineOperationError, match="more than 16 MiB"):
        manager.execute_pre_submission_hooks(HookMetadata(), {})


SPAWN = "import subprocess, sys\np = subprocess.Popen([sys.executable, '-S', '-c', sys.argv[1]])\n"


def test_a_hook_that_takes_too_long_is_ended_with_all_that_it_has_started(
    tmp_path: Path, listener: socket.socket
) -> None:
    code = SPAWN + "print('started', flush=True)\np.wait()"
    spawning = hook(code, CONNECT.format(port=port_of(listener)), timeout=2)
    manager = Manager(tmp_path, preSubmission=[spawning])
    with pytest.raises(DeadlineOperationError, match="had not ended after 2 seconds"):
        manager.execute_pre_submission_hooks(HookMetadata(), {})
    with connected(listener) as grandchild:
        assert grandchild.recv(1) == b""
    assert "started" in manager.lines[-1]


def test_a_program_that_a_hook_leaves_behind_holds_up_nobody(tmp_path: Path, listener: socket.socket) -> None:
    spawning = hook(SPAWN, CONNECT.format(port=port_of(listener)), timeout=2)
    manager = Manager(tmp_path, preSubmission=[spawning])
    with pytest.raises(DeadlineOperationError, match="left a program behind"):
        manager.execute_pre_submission_hooks(HookMetadata(), {})
    with connected(listener) as grandchild:
        assert grandchild.recv(1) == b""


def test_a_hook_can_be_canceled(tmp_path: Path, listener: socket.socket) -> None:
    folder = str(write_hooks(tmp_path, preSubmission=[hook(CONNECT.format(port=port_of(listener)))]))
    source = HookSource("job bundle", folder, folder, read_hooks(folder))
    lines: list[str] = []
    with pytest.raises(DeadlineOperationCanceled, match="was ended"):
        run_pre_submission_hooks(source, HookMetadata(), {}, lines.append, lambda: "here" in "".join(lines))
    with connected(listener) as ended:
        assert ended.recv(1) == b""


def test_an_error_of_the_caller_ends_the_hook(tmp_path: Path, listener: socket.socket) -> None:
    folder = write_hooks(tmp_path, preSubmission=[hook(CONNECT.format(port=port_of(listener)))])

    def show(line: str) -> None:
        if "here" in line:
            raise BrokenPipeError("nobody reads this")

    manager = HookManager(str(folder), show)
    manager.load_hooks()
    with pytest.raises(BrokenPipeError):
        manager.execute_pre_submission_hooks(HookMetadata(), {})
    with connected(listener) as ended:
        assert ended.recv(1) == b""


def test_post_submission_hooks_that_fail_leave_a_warning_and_the_others_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manager = Manager(
        tmp_path,
        postSubmission=[
            hook("import sys; sys.exit(4)"),
            {"command": "no-such-program"},
            hook("while True: pass", timeout=1),
            hook("import json, sys; print(json.load(sys.stdin)['jobId'])"),
        ],
    )
    with caplog.at_level(logging.INFO, "deadline.client.job_bundle.hooks"):
        manager.execute_post_submission_hooks(HookMetadata(job_id="job-1"))
    messages = [record.getMessage() for record in caplog.records]
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 3 + ["INFO"]
    assert "exit code 4" in messages[0]
    assert "no-such-program" in messages[1]
    assert "after 1 seconds" in messages[2]
    assert "job-1" in messages[3]
