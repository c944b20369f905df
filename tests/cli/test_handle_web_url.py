"""``deadline handle-web-url``."""

from __future__ import annotations

import os
import plistlib
import stat
import string
import subprocess
import sys
from pathlib import Path
from typing import Any, Sequence
from urllib.parse import quote

import pytest
from hypothesis import given, strategies

from deadline.client.api.url_handler import install_url_handler, uninstall_url_handler
from deadline.client.api.url_handler.freedesktop import FreedesktopHandler
from deadline.client.api.url_handler.macos import MacHandler
from deadline.client.api.url_handler.mime_apps import with_default, without
from deadline.client.api.url_handler.windows import WindowsHandler
from deadline.client.api.web_urls import OutputDownloadUrl, download_of_url, settings_for_url
from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError

DIGITS = "0123456789abcdef" * 2
FARM, QUEUE, JOB = f"farm-{DIGITS}", f"queue-{DIGITS}", f"job-{DIGITS}"
IDS = {"farm-id": FARM, "queue-id": QUEUE, "job-id": JOB}
MIME_TYPE = "x-scheme-handler/deadline"
REMOVED = f"[Removed Associations]\n{MIME_TYPE}=deadline.desktop;\n"

posix_only = pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="how other systems are told is tested below"
)


def url(*more: str, command: str = "download-output", **ids: str) -> str:
    values = {**IDS, **{name.replace("_", "-"): value for name, value in ids.items()}}
    return f"deadline://{command}?{'&'.join([*(f'{name}={value}' for name, value in values.items()), *more])}"


def url_of(farm: Any, job_id: str, *more: str) -> str:
    return url(*more, farm_id=farm.farm_id, queue_id=farm.queue_id, job_id=job_id)


# The grammar of addresses


def test_an_address_names_what_is_to_be_downloaded() -> None:
    step, task = f"step-{DIGITS}", f"task-{DIGITS}-4294967295"

    wanted = download_of_url(url(f"step-id={step}", f"task-id={task}", "profile=My%20Studio"))

    assert wanted == OutputDownloadUrl(FARM, QUEUE, JOB, step, task, "My Studio")
    assert download_of_url(url("step-id=", "profile=")) == OutputDownloadUrl(FARM, QUEUE, JOB)
    assert download_of_url(url().replace("?", "/some/path?") + "#fragment") == OutputDownloadUrl(FARM, QUEUE, JOB)


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("", "not well formed"),
        ("https://download-output?x=1", "does not begin with deadline://"),
        ("download-output?x=1", "does not begin with deadline://"),
        (url(command="submit"), "'submit'"),
        (url(command="user@download-output"), "'user@download-output'"),
        (url(command="download-output:80"), "'download-output:80'"),
        ("deadline://[download-output?x=1", "not well formed"),
        ("deadline://download-output", "farm-id, queue-id, job-id"),
        (url(job_id=""), "lacks job-id"),
        (url(f"farm-id={FARM}"), "more than one value for farm-id"),
        (url("region=us-west-2", "limit=1"), "'region', 'limit'"),
        (url("step-id"), "'step-id' is no name=value"),
        (url("&"), "'' is no name=value"),
        (url(f"task-id=task-{DIGITS}-0"), "step-id"),
        (url("profile=%ff"), "no UTF-8"),
        (url("profile=a%5Db"), "profile"),
        (url("profile=a%1b%5B2J"), "profile"),
        (url("profile=a%0Ab"), "profile"),
        (url("profile=%E2%80%AEb"), "profile"),
        (url(f"profile={'a' * 257}"), "profile"),
        (f"{url()}&profile={'a' * 2048}", "more than 2048 characters"),
        (f"{url()}\n", "not well formed"),
        (f"{url()} --install", "not well formed"),
        (f"{url()}&profile=é", "not well formed"),
    ],
)
def test_whatever_is_not_in_order_is_refused_in_plain_characters(address: str, named: str) -> None:
    with pytest.raises(DeadlineOperationError) as refused:
        download_of_url(address)
    message = str(refused.value)
    assert named in message
    assert set(message) <= set(string.printable) - set("\r\x0b\x0c")
    assert len(message) < 400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("farm-id", QUEUE),
        ("farm-id", FARM.upper()),
        ("farm-id", FARM[:-1]),
        ("farm-id", f"{FARM}0"),
        ("farm-id", f"{FARM}%0A"),
        ("queue-id", f"..%2F{QUEUE}"),
        ("job-id", f"%20{JOB}"),
        ("job-id", JOB.replace("1", "\uff11")),
        ("step-id", "--yes"),
        ("task-id", f"task-{DIGITS}-00"),
        ("task-id", f"task-{DIGITS}-01"),
        ("task-id", f"task-{DIGITS}-12345678901"),
        ("task-id", f"task-{DIGITS}"),
    ],
)
def test_an_id_of_another_form_is_refused(name: str, value: str) -> None:
    values = {**IDS, "step-id": f"step-{DIGITS}", name: quote(value, safe="%")}
    with pytest.raises(DeadlineOperationError, match=f"for {name}, which is no such id"):
        download_of_url("deadline://download-output?" + "&".join(f"{key}={text}" for key, text in values.items()))


@given(strategies.text(max_size=200))
def test_no_text_is_taken_for_an_address_that_is_none(text: str) -> None:
    for address in (text, f"deadline://{text}", f"deadline://download-output?{text}", url(f"profile={text}")):
        try:
            wanted = download_of_url(address)
        except DeadlineOperationError:
            continue
        assert wanted.farm_id == FARM
        assert wanted.profile is None or wanted.profile.isprintable()


# Doing what an address asks for


def test_the_outputs_of_a_job_are_downloaded(farm: Any, deadline: Any, ended: Any) -> None:
    out = ended.frames_bundle / "out"

    result = deadline("handle-web-url", url_of(farm, ended.frames), terminal=True, answers="y\n")

    assert result.code == 0, result.err
    assert "Files will be downloaded to:" in result.out
    assert "Downloaded 4 files" in result.out
    assert sorted(path.name for path in out.iterdir()) == ["frame_1.txt", "frame_2.txt", "info"]


def test_one_tasks_outputs_are_downloaded_where_the_address_names_it(farm: Any, deadline: Any, ended: Any) -> None:
    deadline("config", "set", "settings.auto_accept", "true")
    step, task = farm.tasks(ended.frames)[0]
    result = deadline("handle-web-url", url_of(farm, ended.frames, f"step-id={step}", f"task-id={task}"))
    assert result.code == 0, result.err
    assert "Downloaded 2 files" in result.out


def test_a_dry_run_says_what_would_be_downloaded_and_asks_nothing(farm: Any, deadline: Any, ended: Any) -> None:
    result = deadline("handle-web-url", url_of(farm, ended.frames), "--dry-run", terminal=True)
    assert (result.code, result.err) == (0, "")
    assert f"  {ended.frames_bundle} (4 files)" in result.out
    assert not (ended.frames_bundle / "out").exists()


def test_a_mistake_is_told_without_a_trace(farm: Any, deadline: Any, ended: Any) -> None:
    almost = ended.frames[:-1] + ("0" if ended.frames[-1] != "0" else "1")
    unknown = deadline("handle-web-url", url_of(farm, almost))
    assert (unknown.code, unknown.out, "Traceback" in unknown.err) == (1, "", False)
    assert almost in unknown.err
    assert ended.frames in unknown.err
    malformed = deadline("handle-web-url", "deadline://submit?x=1")
    assert (malformed.code, malformed.out, "submit" in malformed.err) == (1, "", True)
    no_profile = deadline("handle-web-url", url_of(farm, ended.frames, "profile=nobody"))
    assert (no_profile.code, "nobody" in no_profile.err, "Traceback" in no_profile.err) == (1, True, False)


def test_the_window_stays_open_until_enter_is_pressed(farm: Any, deadline: Any, ended: Any) -> None:
    deadline("config", "set", "settings.auto_accept", "true")
    deadline("config", "set", "settings.conflict_resolution", "SKIP")
    wanted = url_of(farm, ended.frames)

    well = deadline("handle-web-url", wanted, "--prompt-when-complete", terminal=True, answers="\n")
    wrong = deadline("handle-web-url", "deadline://x?", "--prompt-when-complete", terminal=True, answers="\n")
    pipe = deadline("handle-web-url", "deadline://x?", "--prompt-when-complete")
    usage = deadline("handle-web-url", "--nonsense", "--prompt-when-complete", terminal=True)

    assert (well.code, well.out.endswith("Press Enter to end.")) == (0, True)
    assert (wrong.code, wrong.out, "'x'" in wrong.err) == (1, "Press Enter to end.", True)
    assert (pipe.code, pipe.out) == (1, "")
    assert (usage.code, usage.out) == (2, "")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--all-users",),
        ("--install", "--uninstall"),
        (url(), "--install"),
        (url(), "--uninstall"),
        (url(), "--all-users"),
        ("--dry-run",),
    ],
)
def test_combinations_that_mean_nothing_are_refused(arguments: Sequence[str], deadline: Any, home: Path) -> None:
    result = deadline("handle-web-url", *arguments)
    assert (result.code, result.out) == (1, "")
    assert "--install" in result.err or "--dry-run goes with a URL" in result.err
    assert list(home.iterdir()) == []


def test_the_profile_is_that_of_the_address_or_the_one_that_knows_the_farm(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, unknown = f"farm-{DIGITS[::-1]}", f"farm-{'0' * 32}"
    (home / "aws-config").write_text("[profile one]\n[profile two]\n[profile three]\n", encoding="utf-8")
    (home / "settings").write_text(
        f"[defaults]\naws_profile_name = one\n[profile-one defaults]\nfarm_id = {other}\n"
        f"[profile-two defaults]\nfarm_id = {FARM}\n[profile-two {FARM} defaults]\nfarm_region = eu-west-1\n"
        f"[profile-three defaults]\nfarm_id = {FARM}\n[profile-three {FARM} defaults]\nqueue_id = {QUEUE}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "http://127.0.0.1:9")

    def chosen(farm_id: str, queue_id: str, profile: str = "") -> tuple[str, str]:
        config = settings_for_url(OutputDownloadUrl(farm_id, queue_id, JOB, profile=profile or None))
        assert [get_setting(f"defaults.{kind}_id", config) for kind in ("farm", "queue", "job")] == [
            *(farm_id, queue_id, JOB)
        ]
        return get_setting("defaults.aws_profile_name", config), get_setting("defaults.farm_region", config)

    assert chosen(other, QUEUE) == ("one", "")
    assert chosen(FARM, QUEUE) == ("three", "")
    assert chosen(FARM, "queue-" + "0" * 32) == ("two", "eu-west-1")
    assert chosen(FARM, QUEUE, "two") == ("two", "eu-west-1")
    assert chosen(unknown, QUEUE) == ("one", "")
    assert get_setting("defaults.aws_profile_name") == "one"
    assert get_setting("defaults.farm_id") == other


def test_the_region_of_a_farm_that_the_settings_do_not_know_is_looked_up(
    farm: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "settings").write_text(f"[profile-(default) defaults]\nfarm_id = {FARM}\n", encoding="utf-8")
    monkeypatch.setenv("DEADLINE_CLOUD_REGIONS", "eu-central-1")
    config = settings_for_url(OutputDownloadUrl(farm.farm_id, farm.queue_id, JOB))
    assert get_setting("defaults.farm_region", config) == "eu-central-1"


# Telling the system


class DesktopTool:
    """A stand-in for ``update-desktop-database``, which notes its arguments."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.log = folder / "log"
        self.path = folder / "update-desktop-database"
        self.exit_with(0)

    def exit_with(self, code: int) -> None:
        self.path.write_text(
            f'#!/bin/sh\necho "$@" >> "{self.log}"\necho no such thing >&2\nexit {code}\n', encoding="utf-8"
        )
        self.path.chmod(0o755)


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DesktopTool:
    made = DesktopTool(tmp_path / "tools")
    monkeypatch.setenv("PATH", f"{made.path.parent}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return made


@posix_only
def test_on_linux_a_desktop_entry_opens_addresses(tool: DesktopTool, deadline: Any, home: Path, tmp_path: Path) -> None:
    program = tool.path.parent / "deadline"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    defaults = home / ".config" / "mimeapps.list"
    kept = tmp_path / "dotfiles"
    kept.write_text("# mine\n[Default Applications]\ntext/html=browser.desktop;\n", encoding="utf-8")
    defaults.parent.mkdir()
    defaults.symlink_to(kept)

    first, second = deadline("handle-web-url", "--install"), deadline("handle-web-url", "--install")

    entry = home / ".local" / "share" / "applications" / "deadline.desktop"
    assert (first.code, first.err) == (second.code, second.err) == (0, "")
    assert first.out.count("\n") == 1
    assert str(entry) in first.out
    lines = entry.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "[Desktop Entry]"
    assert {
        "Type=Application",
        "Name=deadline",
        f"Exec={program} handle-web-url %u --prompt-when-complete",
        "Terminal=true",
        f"MimeType={MIME_TYPE};",
    } <= set(lines)
    assert stat.S_IMODE(entry.stat().st_mode) == 0o644
    assert [path.name for path in entry.parent.iterdir()] == ["deadline.desktop"]
    assert kept.read_text(encoding="utf-8") == (
        f"# mine\n[Default Applications]\n{MIME_TYPE}=deadline.desktop;\ntext/html=browser.desktop;\n"
    )
    assert defaults.is_symlink()
    assert tool.log.read_text(encoding="utf-8") == f"{entry.parent}\n" * 2

    gone, nothing = deadline("handle-web-url", "--uninstall"), deadline("handle-web-url", "--uninstall")

    assert (gone.code, str(entry) in gone.out) == (0, True)
    assert (nothing.code, "nothing to remove" in nothing.out) == (0, True)
    assert not entry.exists()
    assert kept.read_text(encoding="utf-8") == "# mine\n[Default Applications]\ntext/html=browser.desktop;\n"


@posix_only
def test_on_linux_the_program_is_this_one_also_where_it_is_in_no_path(
    tool: DesktopTool, process: Any, home: Path
) -> None:
    one = process("handle-web-url", "--install")
    out, err = one.communicate(timeout=60)
    assert (one.returncode, err) == (0, "")
    entry = home / ".local" / "share" / "applications" / "deadline.desktop"
    assert str(entry) in out
    assert f"Exec={sys.executable} -m deadline handle-web-url %u" in entry.read_text(encoding="utf-8")


@posix_only
def test_on_linux_what_is_missing_or_fails_is_told(
    tool: DesktopTool, deadline: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.exit_with(3)
    failed = deadline("handle-web-url", "--install")
    assert (failed.code, "no such thing" in failed.err) == (1, True)
    tool.path.unlink()
    missing = deadline("handle-web-url", "--install")
    assert (missing.code, "desktop-file-utils" in missing.err) == (1, True)
    assert deadline("handle-web-url", "--uninstall").code == 0
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "settings" / "below-a-file"))
    (home / "settings").write_text("", encoding="utf-8")
    DesktopTool(home / "tools").path.rename(tool.path)
    refused = deadline("handle-web-url", "--install")
    assert (refused.code, "could not be changed" in refused.err, "Traceback" in refused.err) == (1, True, False)


@posix_only
@pytest.mark.parametrize("name", ["with blank", 'quo"te', "back\\slash", "per%cent", "dol$lar`", "ümlaut"])
def test_the_path_of_the_program_may_be_any(name: str, tool: DesktopTool, tmp_path: Path) -> None:
    program = tmp_path / name / "deadline"
    handler = FreedesktopHandler(tmp_path / "applications", tmp_path / "mimeapps.list")

    entry = Path(install_url_handler([str(program)], handler=handler))

    (line,) = (line for line in entry.read_text(encoding="utf-8").splitlines() if line.startswith("Exec="))
    # The rules of the specification, the other way round: first of all values, then of quoted words.
    value = line[len("Exec=") :].replace("\\\\", "\\").replace("%%", "%")
    word = value[: value.index(" handle-web-url")]
    done = subprocess.run(["sh", "-c", f"printf %s {word}"], capture_output=True, check=True)
    assert done.stdout.decode() == str(program)


def test_a_program_whose_name_has_a_line_break_is_refused(tool: DesktopTool, tmp_path: Path) -> None:
    handler = FreedesktopHandler(tmp_path / "applications", tmp_path / "mimeapps.list")
    with pytest.raises(DeadlineOperationError, match="control characters"):
        install_url_handler(["/bin/x\nExec=evil"], handler=handler)
    assert not (tmp_path / "applications").exists()


@pytest.mark.parametrize(
    ("before", "installed", "removed"),
    [
        ("", f"[Default Applications]\n{MIME_TYPE}=deadline.desktop;\n", "[Default Applications]\n"),
        (
            "[Added Associations]\na/b=c.desktop",
            f"[Added Associations]\na/b=c.desktop\n\n[Default Applications]\n{MIME_TYPE}=deadline.desktop;\n",
            "[Added Associations]\na/b=c.desktop\n\n[Default Applications]\n",
        ),
        (
            f"[Default Applications]\n{MIME_TYPE} = other.desktop\n{REMOVED}",
            f"[Default Applications]\n{MIME_TYPE}=deadline.desktop;other.desktop;\n{REMOVED}",
            f"[Default Applications]\n{MIME_TYPE}=other.desktop;\n{REMOVED}",
        ),
        (
            "[Default Applications]",
            f"[Default Applications]\n{MIME_TYPE}=deadline.desktop;\n",
            "[Default Applications]\n",
        ),
    ],
)
def test_other_defaults_stay_as_they_are(before: str, installed: str, removed: str) -> None:
    assert with_default(before, MIME_TYPE, "deadline.desktop") == installed
    assert with_default(installed, MIME_TYPE, "deadline.desktop") == installed
    assert without(installed, MIME_TYPE, "deadline.desktop") == removed
    assert without(removed, MIME_TYPE, "deadline.desktop") == removed


@given(strategies.lists(strategies.sampled_from(["[Default Applications]", "[X]", "a/b=c.desktop;d.desktop", "#", ""])))
def test_no_other_line_is_lost_or_moved(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    after = with_default(text, MIME_TYPE, "deadline.desktop")
    left = [line for line in after.splitlines() if not line.startswith(MIME_TYPE)]
    assert left[: len(lines)] == lines
    assert without(after, MIME_TYPE, "deadline.desktop").startswith(text)


class FakeRegistry:
    """The registry of Windows as a dictionary."""

    def __init__(self, *refused: str) -> None:
        self.keys: dict[str, dict[str, str]] = {}
        self.refused = refused

    def set_value(self, root: str, key: str, name: str, value: str) -> None:
        self._check(root)
        parts = key.split("\\")
        for count in range(1, len(parts)):
            self.keys.setdefault("\\".join([root, *parts[:count]]), {})
        self.keys.setdefault(f"{root}\\{key}", {})[name] = value

    def delete_key(self, root: str, key: str) -> bool:
        self._check(root)
        path = f"{root}\\{key}"
        assert not any(other.startswith(f"{path}\\") for other in self.keys), "Windows deletes no key that has others"
        return self.keys.pop(path, None) is not None

    def _check(self, root: str) -> None:
        if root in self.refused:
            raise PermissionError(13, "Access is denied")


@pytest.mark.parametrize(
    ("all_users", "key"),
    [(False, r"HKEY_CURRENT_USER\Software\Classes\deadline"), (True, r"HKEY_CLASSES_ROOT\deadline")],
)
def test_on_windows_keys_of_the_registry_open_addresses(all_users: bool, key: str) -> None:
    registry = FakeRegistry()
    handler = WindowsHandler(registry)

    where = install_url_handler([r"C:\Program Files\deadline.exe"], all_users=all_users, handler=handler)

    assert where == key
    assert registry.keys[key][""].startswith("URL:")
    assert registry.keys[key]["URL Protocol"] == ""
    assert registry.keys[rf"{key}\shell\open\command"] == {
        "": r'"C:\Program Files\deadline.exe" handle-web-url "%1" --prompt-when-complete'
    }
    assert uninstall_url_handler(all_users=all_users, handler=handler) == key
    assert not any(path.startswith(key) for path in registry.keys)
    assert uninstall_url_handler(all_users=all_users, handler=handler) is None


def test_on_windows_a_program_without_an_exe_is_run_by_python() -> None:
    registry = FakeRegistry()
    install_url_handler([r"C:\Python 3\python.exe", "-m", "deadline"], handler=WindowsHandler(registry))
    command = registry.keys[r"HKEY_CURRENT_USER\Software\Classes\deadline\shell\open\command"][""]
    assert command == r'"C:\Python 3\python.exe" -m deadline handle-web-url "%1" --prompt-when-complete'


def test_on_windows_a_refusal_asks_for_an_administrator() -> None:
    handler = WindowsHandler(FakeRegistry("HKEY_CLASSES_ROOT"))
    with pytest.raises(DeadlineOperationError, match="administrator"):
        install_url_handler(["deadline.exe"], all_users=True, handler=handler)
    with pytest.raises(DeadlineOperationError, match="administrator"):
        uninstall_url_handler(all_users=True, handler=handler)


class FakeMac:
    """The programs of macOS: notes what is run, and makes an application as ``osacompile`` does."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []

    def __call__(self, command: Sequence[str]) -> None:
        name, *arguments = command
        self.commands.append([Path(name).name, *arguments])
        if Path(name).name == "osacompile":
            contents = Path(arguments[1], "Contents")
            contents.mkdir(parents=True)
            (contents / "Info.plist").write_bytes(plistlib.dumps({"CFBundleName": "applet"}))


def test_on_macos_an_application_passes_addresses_on(tmp_path: Path) -> None:
    mac, folder = FakeMac(), tmp_path / "Applications"
    handler = MacHandler(folder, mac)

    first = install_url_handler(["/opt/my tools/deadline"], handler=handler)
    second = install_url_handler(["/opt/my tools/deadline"], handler=handler)

    application = Path(first)
    assert first == second
    assert list(folder.iterdir()) == [application]
    information = plistlib.loads((application / "Contents" / "Info.plist").read_bytes())
    assert information["CFBundleName"] == "applet"
    assert information["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == ["deadline"]
    assert [command[0] for command in mac.commands[:3]] == ["osacompile", "codesign", "lsregister"]
    script = mac.commands[0][-1]
    assert script.startswith("on open location address\n")
    assert (
        "do script \"'/opt/my tools/deadline' handle-web-url \" & quoted form of address & "
        '" --prompt-when-complete; exit"'
    ) in script
    assert mac.commands[2][1:] == ["-f", first]

    assert uninstall_url_handler(handler=handler) == first
    assert mac.commands[-1] == ["lsregister", "-u", first]
    assert not application.exists()
    assert uninstall_url_handler(handler=handler) is None


def test_on_macos_a_failure_leaves_no_half_an_application(tmp_path: Path) -> None:
    def fail(command: Sequence[str]) -> None:
        FakeMac()(command)
        if "codesign" in command[0]:
            raise DeadlineOperationError("codesign failed: no identity.")

    with pytest.raises(DeadlineOperationError, match="no identity"):
        install_url_handler(["/opt/deadline"], handler=MacHandler(tmp_path, fail))
    assert list(tmp_path.iterdir()) == []
