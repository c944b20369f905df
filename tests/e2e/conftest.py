"""A farm on this machine, with the S3 of moto and with a real S3 server, and a bundle with many kinds of input files."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Iterator

import pytest

from local_farm.farm import LocalFarm
from local_farm.seaweedfs import seaweedfs_server
from local_farm.testing import running_farm

MiB = 1024 * 1024

TEMPLATE = """\
specificationVersion: jobtemplate-2023-09
name: Copy every input twice
parameterDefinitions:
- {name: Inputs, type: PATH, objectType: DIRECTORY, dataFlow: IN, default: inputs}
- {name: Outputs, type: PATH, objectType: DIRECTORY, dataFlow: OUT, default: outputs}
- {name: Python, type: STRING}
steps:
- name: Copy
  parameterSpace:
    taskParameterDefinitions:
    - {name: Part, type: INT, range: 0-3}
  script:
    actions:
      onRun:
        command: "{{Param.Python}}"
        args: ["{{Task.File.copy}}", "{{Param.Inputs}}", "{{Param.Outputs}}/first", "{{Task.Param.Part}}", "4"]
    embeddedFiles: &copy
    - name: copy
      type: TEXT
      filename: copy.py
      data: |
        import pathlib, shutil, sys
        source, target, part, parts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *map(int, sys.argv[3:])
        files = sorted(path for path in source.rglob("*") if path.is_file())
        for path in files[part::parts]:
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        print("copied", len(files[part::parts]), "of", len(files), "files")
- name: CopyAgain
  dependencies:
  - dependsOn: Copy
  script:
    actions:
      onRun:
        command: "{{Param.Python}}"
        args: ["{{Task.File.copy}}", "{{Param.Outputs}}/first", "{{Param.Outputs}}/second", "0", "1"]
    embeddedFiles: *copy
"""


@pytest.fixture(scope="module", params=["moto", pytest.param("seaweedfs", marks=pytest.mark.seaweedfs)])
def farm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFarm]:
    """A running farm, its S3 answered by moto and by SeaweedFS."""
    if request.param == "moto":
        with running_farm(workers=2) as farm:
            yield farm
    else:
        folder = tmp_path_factory.mktemp("seaweedfs")
        with seaweedfs_server(folder) as endpoint_url, running_farm(workers=2, s3_endpoint=endpoint_url) as farm:
            yield farm


class Deadline:
    """The installed ``deadline`` command, pointed at a farm by its environment, with a home folder of its own."""

    def __init__(self, farm: LocalFarm, home: Path) -> None:
        self.environment = {**os.environ, **farm.environment(), "HOME": str(home), "USERPROFILE": str(home)}

    def __call__(self, *arguments: str, answers: str = "", succeeds: bool = True) -> str:
        """What the command prints in a pipe."""
        done = subprocess.run(
            [str(Path(sysconfig.get_path("scripts"), "deadline")), *arguments],
            check=False,
            env=self.environment,
            input=answers,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=240,
        )
        assert (done.returncode == 0) is succeeds, f"{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def deadline(farm: LocalFarm, tmp_path: Path) -> Deadline:
    home = tmp_path / "home"
    home.mkdir()
    return Deadline(farm, home)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A job bundle with 200 input files in nested folders: odd names, an empty one, equal ones, one of 64 MiB."""
    folder = tmp_path / "bundle"
    inputs = folder / "inputs"
    odd = [
        "été/naïve файл.txt",
        "日本語/フレーム 0001.exr",
        "emoji/😀.png",
        "spaces and ' quotes/a & b.txt",
        ".hidden/.dot",
    ]
    names = odd + [f"deep/{n % 7}/{n % 5}/{n % 3}/texture_{n:04d}.tex" for n in range(193)]
    content = random.Random(20231012)
    for number, name in enumerate(names):
        path = inputs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Every tenth file has the bytes of another: they travel once.
        path.write_bytes(b"the same" if number % 10 == 9 else content.randbytes(content.randrange(1, 40_000)))
    (inputs / "empty.dat").touch()
    (inputs / "cache.vdb").write_bytes(content.randbytes(64 * MiB))
    (folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (folder / "parameter_values.yaml").write_text(
        f"parameterValues:\n- {{name: Python, value: '{sys.executable}'}}\n", encoding="utf-8"
    )
    return folder
