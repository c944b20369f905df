"""Commands that other distributions bring along."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "plug-in-commands.md"
LIMIT = 60


def install(folder: Path, name: str, module: str, code: str, entry_points: str) -> Path:
    """Install a distribution into a folder, as an installer would lay it out."""
    information = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(f"[deadline.cli.commands]\n{entry_points}\n", encoding="utf-8")
    (folder / f"{module}.py").write_text(code, encoding="utf-8")
    return folder


@pytest.fixture
def run(home: Path) -> Any:
    """``run(folder, *arguments)`` runs the command line in a process that finds what is installed in the folder."""

    def start(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "100", **variables}
        command = [sys.executable, "-m", "deadline", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT)

    return start


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """The example of the guide, installed."""
    text = GUIDE.read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    (project,) = re.findall(r"^```toml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    name, points = re.fullmatch(
        r'\[project\]\nname = "([\w-]+)"\n.*\n\[project\.entry-points\."deadline\.cli\.commands"\]\n(.*)\n',
        project,
        re.DOTALL,
    ).groups()  # type: ignore[union-attr]
    return install(tmp_path / "target", name, "studio_commands", code, points.replace('"', ""))


def bundle(folder: Path, name: str) -> str:
    folder.mkdir()
    template = {"specificationVersion": "jobtemplate-2023-09", "name": name, "steps": []}
    (folder / "template.json").write_text(json.dumps(template), encoding="utf-8")
    return str(folder)


def test_the_example_of_the_guide_is_a_command_like_others(studio: Path, run: Any, tmp_path: Path) -> None:
    good, bad = bundle(tmp_path / "good", "lighting_7"), bundle(tmp_path / "bad", "shot 7")

    listed, helped = run(studio, "bundle", "--help"), run(studio, "bundle", "check", "--help")
    well, wrong = run(studio, "bundle", "check", good), run(studio, "bundle", "check", bad)
    other = run(studio, "bundle", "check", bad, "--department", "shot")

    assert re.search(r"^  check +Check a job bundle against the rules of the studio\.$", listed.stdout, re.MULTILINE)
    assert "submit" in listed.stdout
    assert "deadline bundle check my-job/" in helped.stdout
    assert (well.returncode, well.stdout, well.stderr) == (0, "lighting_7 is in order\n", "")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == "The name of the job has to begin with lighting_\n"
    assert other.returncode == 1
    redirected = tmp_path / "out.txt"
    assert run(studio, "--redirect-output", str(redirected), "bundle", "check", good).stdout == ""
    assert redirected.read_text(encoding="utf-8") == "lighting_7 is in order\n"


def test_its_words_are_completed_too(studio: Path, run: Any) -> None:
    words = {"COMP_WORDS": "deadline bundle check --dep", "COMP_CWORD": "3"}
    assert run(studio, _DEADLINE_COMPLETE="bash_complete", **words).stdout == "plain,--department\n"
    words = {"COMP_WORDS": "deadline bundle che", "COMP_CWORD": "2"}
    assert run(studio, _DEADLINE_COMPLETE="bash_complete", **words).stdout == "plain,check\n"


def test_a_group_of_its_own_stands_beside_ours(run: Any, tmp_path: Path) -> None:
    code = "import click\n@click.group()\ndef studio():\n    'What we do.'\n@studio.command()\ndef greet(): click.echo('hello')\n"
    folder = install(tmp_path / "target", "studio-group", "studio_group", code, "studio = studio_group:studio")
    assert re.search(r"^  studio +What we do\.$", run(folder, "--help").stdout, re.MULTILINE)
    assert run(folder, "studio", "greet").stdout == "hello\n"


def test_a_command_of_ours_cannot_be_replaced(run: Any, tmp_path: Path) -> None:
    code = "import click\n@click.command()\ndef evil(): click.echo('replaced')\n"
    points = "config show = evil:evil\nfarm = evil:evil\nauth status = evil:evil"
    folder = install(tmp_path / "target", "evil", "evil", code, points)
    for words in (("config", "show"), ("farm", "--help"), ("auth", "status", "--help")):
        done = run(folder, *words)
        assert (done.returncode, "replaced" in done.stdout) == (0, False)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import no_such_module", "No module named 'no_such_module'"),
        ("this is no Python", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("", "has no attribute 'command'"),
        ("command = 7", "is no click command"),
    ],
)
def test_a_distribution_that_cannot_be_loaded_hides_no_others(code: str, reason: str, run: Any, tmp_path: Path) -> None:
    folder = install(tmp_path / "target", "studio-broken", "broken", code, "broken = broken:command")

    listed, broken = run(folder, "--help"), run(folder, "broken", "--option")

    assert listed.returncode == 0
    assert re.search(r"^  broken +\(cannot be loaded", listed.stdout, re.MULTILINE)
    assert "\n  farm " in listed.stdout
    assert (broken.returncode, broken.stdout) == (1, "")
    assert reason in broken.stderr
    assert "Traceback" not in broken.stderr
    if sys.version_info >= (3, 10):
        assert "studio-broken" in broken.stderr


def test_commands_of_distributions_that_are_missing_are_listed_with_what_to_install(
    deadline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(distribution: str) -> str:
        raise importlib.metadata.PackageNotFoundError(distribution)

    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: ())
    monkeypatch.setattr(importlib.metadata, "version", version)
    for words, requirement in (
        (("mcp-server",), "deadline[mcp]"),
        (("bundle", "gui-submit"), "deadline[gui]"),
        (("config", "gui"), "deadline[gui]"),
    ):
        listed = " ".join(deadline(*words[:-1], "--help").out.split())
        assert f'(needs: pip install "{requirement}")' in listed[listed.index(f" {words[-1]} ") :]
        assert f'pip install "{requirement}"' in deadline(*words, "--help").out
        run = deadline(*words, "--whatever", "more")
        assert (run.code, run.out) == (1, "")
        assert f'pip install "{requirement}"' in run.err


def test_a_distribution_that_is_there_without_a_command_of_its_own_is_not_to_be_installed_again(
    deadline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: ())
    monkeypatch.setattr(importlib.metadata, "version", lambda distribution: f"1.2 of {distribution}")

    run = deadline("bundle", "gui-submit")

    assert (run.code, run.out) == (1, "")
    assert "deadline-gui, but version 1.2 of deadline-gui, which is installed, does not bring it" in run.err
    assert "pip install" not in run.err


def test_the_programs_are_entry_points_of_the_distribution(home: Path) -> None:
    points = importlib.metadata.distribution("deadline-cli").entry_points
    programs = {point.name: (point.group, point.value) for point in points}
    assert programs["deadline"] == ("console_scripts", "deadline.client.cli:main")
    # On Windows this one is started without a console.
    assert programs["deadlinew"] == ("gui_scripts", "deadline.client.cli:main")
