"""The data sets: the same bytes, names and times on every machine, made once and kept.

======  =========================================  =============================
name    at scale 1                                  for
======  =========================================  =============================
``L``   1 file of 2 GiB                             a cache of a simulation
``M``   200 files of 8 MiB                          textures
``S``   10,000 files of 8 KiB in 100 folders        sources, a small scene's parts
``H``   100,000 files of 1 KiB in 1,000 folders     hashing and snapshots only
======  =========================================  =============================

``--scale`` shrinks the number of files, and of ``L`` the size. All content is random, hence incompressible and distinct.
"""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

KiB = 1024
MiB = 1024 * KiB
GiB = 1024 * MiB

MODIFIED = 1_700_000_000
"""The time of every file, long past: clients do not trust their caches about files that were written just now."""


@dataclass(frozen=True)
class Shape:
    """``files`` of ``size`` bytes each, in ``folders`` folders."""

    files: int
    size: int
    folders: int

    def scaled(self, scale: float) -> Shape:
        if self.files == 1:
            return Shape(1, max(MiB, round(self.size * scale)), 1)
        files = max(2, round(self.files * scale))
        return Shape(files, self.size, min(files, max(1, round(self.folders * scale))))


SHAPES = {
    "L": Shape(1, 2 * GiB, 1),
    "M": Shape(200, 8 * MiB, 1),
    "S": Shape(10_000, 8 * KiB, 100),
    "H": Shape(100_000, KiB, 1000),
}


@dataclass(frozen=True)
class DataSet:
    """A folder of files."""

    name: str
    root: Path
    shape: Shape

    @property
    def files(self) -> int:
        return self.shape.files

    @property
    def bytes(self) -> int:
        return self.shape.files * self.shape.size

    def relative_paths(self) -> Iterator[str]:
        """The files' paths below the root."""
        for number in range(self.shape.files):
            yield f"folder_{number % self.shape.folders:04d}/file_{number:06d}.bin"

    def read(self) -> None:
        """Read everything once, so that the runs find it in the page cache."""
        for relative in self.relative_paths():
            with (self.root / relative).open("rb", buffering=0) as file:
                while file.read(MiB):
                    pass

    def same_as(self, folder: Path) -> bool:
        """Whether ``folder`` has files of just these names and this size."""
        sizes = {
            Path(parent, name).relative_to(folder).as_posix(): os.stat(Path(parent, name)).st_size
            for parent, _, names in os.walk(folder)
            for name in names
        }
        return sizes == dict.fromkeys(self.relative_paths(), self.shape.size)


def data_set(folder: Path, name: str, scale: float, say: Callable[[str], None] = lambda _: None) -> DataSet:
    """The data set ``name``, made below ``folder`` unless it is there."""
    shape = SHAPES[name].scaled(scale)
    base = folder / f"{name}-{shape.files}x{shape.size}"
    data = DataSet(name, base / "files", shape)
    complete = base / "complete"
    if not complete.exists():
        say(f"making data set {name}: {shape.files} files of {shape.size} bytes")
        shutil.rmtree(base, ignore_errors=True)
        _make(data)
        complete.touch()
    return data


def _make(data: DataSet) -> None:
    noise = random.Random(data.name).randbytes(min(MiB, data.shape.size))
    for number in range(data.shape.folders):
        (data.root / f"folder_{number:04d}").mkdir(parents=True)
    for number, relative in enumerate(data.relative_paths()):
        path = data.root / relative
        with path.open("wb") as file:
            # Blocks of the same noise, told apart by what they begin with: real randomness for gigabytes takes minutes.
            for start in range(0, data.shape.size, len(noise)):
                block = b"%s %d %d\n" % (data.name.encode(), number, start)
                file.write((block + noise)[: min(len(noise), data.shape.size - start)])
        os.utime(path, (MODIFIED, MODIFIED))


def manifest_text(folder: Path, entries: int) -> Path:
    """A manifest with ``entries`` files in canonical form, made below ``folder`` unless it is there."""
    path = folder / f"manifest-{entries}.json"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    source = random.Random(entries)
    with unfinished.open("w", encoding="ascii") as file:
        file.write('{"hashAlg":"xxh128","manifestVersion":"2023-03-03","paths":[')
        total = 0
        for number in range(entries):
            size = source.randrange(1, 10_000_000)
            total += size
            file.write(
                f'{"," if number else ""}{{"hash":"{source.getrandbits(128):032x}",'
                f'"mtime":{MODIFIED * 1_000_000 + number},'
                f'"path":"assets/folder_{number // 1000:05d}/texture_{number:08d}.exr","size":{size}}}'
            )
        file.write(f'],"totalSize":{total}}}')
    unfinished.rename(path)
    return path
