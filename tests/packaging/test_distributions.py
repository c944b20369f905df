"""Each distribution installs alone, brings what it needs, and nothing that its users must not receive."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING, Callable

import pytest

if TYPE_CHECKING:
    from conftest import Installation

pytestmark = pytest.mark.packaging

VERSION = "0.60.11"
QT = {"pyside6-essentials", "qtpy", "shiboken6"}
MCP = {"mcp"}
FACE = {"click"}
TEMPLATES = {"openjd-model", "pydantic", "pyyaml"}
ENGINE = {"deadline-attachments", "xxhash"}
API = {"deadline-config", "deadline-auth", "deadline-api", *ENGINE, *TEMPLATES}


@dataclass(frozen=True)
class Expected:
    modules: tuple[str, ...]
    installed: frozenset[str]
    absent: frozenset[str]


def expected(modules: str, installed: set[str], absent: set[str]) -> Expected:
    return Expected(tuple(modules.split()), frozenset(installed), frozenset(absent))


DISTRIBUTIONS = {
    "deadline-config": expected(
        "deadline.client deadline.client.config deadline.client.config.config_file deadline.client.exceptions",
        set(),
        {"boto3", *FACE, *TEMPLATES, *ENGINE, *QT, *MCP},
    ),
    "deadline-auth": expected(
        "deadline.client.auth", {"deadline-config", "boto3"}, {*FACE, *TEMPLATES, *ENGINE, *QT, *MCP}
    ),
    "deadline-attachments": expected(
        "deadline.job_attachments deadline.job_attachments.upload deadline.job_attachments.download "
        "deadline.job_attachments.asset_sync deadline.job_attachments.api.manifest",
        {"boto3", "xxhash"},
        {"deadline-config", *FACE, *TEMPLATES, *QT, *MCP},
    ),
    "deadline-api": expected(
        "deadline.client.api deadline.client.job_bundle deadline.client.dataclasses deadline.common",
        {"boto3", *API},
        {"deadline-cli", *FACE, *QT, *MCP},
    ),
    "deadline-cli": expected("deadline.client.cli", {*API, *FACE}, {*QT, *MCP}),
    "deadline-gui": expected("deadline.client.ui", {*API, *QT}, {*MCP}),
    "deadline-mcp": expected("deadline.mcp", {*API, *MCP}, {*QT}),
    "deadline": expected("deadline.client.cli", {"deadline-cli", *API, *FACE}, {*QT, *MCP}),
    "deadline[gui]": expected("deadline.client.cli deadline.client.ui", {"deadline-cli", "deadline-gui", *QT}, {*MCP}),
    "deadline[mcp]": expected("deadline.client.cli deadline.mcp", {"deadline-cli", "deadline-mcp", *MCP}, {*QT}),
}


def test_the_workspace_builds_eight_wheels_of_one_version(wheels: dict[str, Path]) -> None:
    assert set(wheels) == {name for name in DISTRIBUTIONS if "[" not in name}
    assert {path.name.split("-")[1] for path in wheels.values()} == {VERSION}


def test_no_wheel_ships_an_init_of_the_namespace_and_no_two_the_same_file(wheels: dict[str, Path]) -> None:
    owners: dict[str, str] = {}
    for name, path in wheels.items():
        for member in zipfile.ZipFile(path).namelist():
            if ".dist-info/" in member:
                continue
            assert member not in owners, f"{member} is in {name} and in {owners[member]}"
            owners[member] = name
    assert "deadline/__init__.py" not in owners
    assert owners["deadline/client/__init__.py"] == "deadline-config"


def test_every_import_package_carries_the_marker_of_its_types(wheels: dict[str, Path]) -> None:
    for name, path in wheels.items():
        members = set(zipfile.ZipFile(path).namelist())
        tops = {m.rsplit("/", 1)[0] for m in members if m.endswith("/__init__.py")}
        tops = {top for top in tops if not any(top.startswith(f"{other}/") for other in tops)}
        for top in tops:
            assert f"{top}/py.typed" in members, f"{name}: {top}"


def test_siblings_are_pinned_to_the_same_version(wheels: dict[str, Path]) -> None:
    for name, path in wheels.items():
        with zipfile.ZipFile(path) as wheel:
            (metadata,) = (m for m in wheel.namelist() if m.endswith(".dist-info/METADATA"))
            headers = HeaderParser().parsestr(wheel.read(metadata).decode())
        for requirement in headers.get_all("Requires-Dist", []):
            if requirement.startswith("deadline"):
                assert f"=={VERSION}" in requirement, f"{name} requires {requirement}"


@pytest.mark.parametrize("requirement", DISTRIBUTIONS)
def test_a_distribution_installs_alone_with_only_what_it_needs(
    requirement: str, install: Callable[[str], Installation]
) -> None:
    wanted = DISTRIBUTIONS[requirement]

    installation = install(requirement)

    assert wanted.installed <= installation.distributions
    assert not wanted.absent & installation.distributions
    for module in wanted.modules:
        installation.run("-W", "error", "-c", f"import {module}")


def test_the_meta_distribution_gives_the_command(install: Callable[[str], Installation]) -> None:
    installation = install("deadline")

    assert installation.run("-m", "deadline", "--version") == f"deadline, version {VERSION}\n"
