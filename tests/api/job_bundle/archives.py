"""Archives as no client makes them."""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any, Callable, Mapping, Optional, Union

TEMPLATE = {
    "specificationVersion": "jobtemplate-2023-09",
    "name": "Turntable",
    "description": "A model turns",
    "parameterDefinitions": [
        {"name": "Frames", "type": "STRING", "default": "1-10"},
        {"name": "Scene", "type": "PATH", "objectType": "FILE", "dataFlow": "IN"},
        {"name": "Colors", "type": "LIST[STRING]", "default": ["red", "blue"]},
    ],
    "steps": [{"name": "Render"}, {"name": "Encode"}],
}
TEMPLATE_TEXT = json.dumps(TEMPLATE)
_CENTRAL = b"PK\x01\x02"

Files = Mapping[Union[str, zipfile.ZipInfo], Union[str, bytes]]


def zip_bytes(files: Files, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file with these files."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", compression) as file:
        warnings.simplefilter("ignore")  # that a name is there twice is meant so
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def entry(name: str, **members: Any) -> zipfile.ZipInfo:
    """A file in an archive with members such as ``external_attr``."""
    info = zipfile.ZipInfo(name)
    for member, value in members.items():
        setattr(info, member, value)
    return info


def with_central_field(archive: bytes, offset: int, form: str, change: Callable[[int], int]) -> bytes:
    """The archive with one member of the first file in its list changed."""
    at = archive.index(_CENTRAL) + offset
    (value,) = struct.unpack_from(form, archive, at)
    changed = bytearray(archive)
    struct.pack_into(form, changed, at, change(value))
    return bytes(changed)


def with_declared_size(archive: bytes, size: int) -> bytes:
    """The archive, which says that its first file has that many bytes."""
    return with_central_field(archive, 24, "<L", lambda _: size)


def with_files_listed(archive: bytes, count: int) -> bytes:
    """The archive of one file, which it lists that many times."""
    start, end = archive.index(_CENTRAL), archive.index(b"PK\x05\x06")
    records = archive[start:end] * count
    tail = archive[end : end + 12] + struct.pack("<LL", len(records), start) + archive[end + 20 :]
    return archive[:start] + records + tail


def write_bundle_files(folder: Path, files: Optional[Mapping[str, str]] = None) -> Path:
    """A bundle of the template above and other files; one where none are named."""
    others = {"scene/model.txt": "a teapot"} if files is None else files
    for name, content in {"template.json": TEMPLATE_TEXT, **others}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def files_below(folder: Path) -> dict[str, str]:
    """The text of all files below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
