"""Archives of job bundles: made, checked, and unpacked."""

from __future__ import annotations

import io
import logging
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle._repository import (
    archive_bundle_dir,
    get_bundle_dir_size,
    read_template_from_archive,
)
from deadline.client.job_bundle.repository.archive import open_bundle_archive
from deadline.client.job_bundle.repository.content_digest import folder_digest
from deadline.client.job_bundle.repository.extraction import MAXIMUM_ENTRIES, InvalidArchiveError, open_archive

from .archives import (
    TEMPLATE_TEXT,
    entry,
    files_below,
    with_central_field,
    with_declared_size,
    with_files_listed,
    write_bundle_files,
    zip_bytes,
)

posix_only = pytest.mark.skipif(os.name == "nt", reason="needs links, modes and names that Windows does not know")

TEMPLATE_FILE = {"template.json": TEMPLATE_TEXT}


def unpack(archive: bytes, folder: Path) -> dict[str, str]:
    folder.mkdir()
    with open_archive(io.BytesIO(archive), "the archive") as opened:
        opened.extract_to(folder)
    return files_below(folder)


def test_what_comes_out_is_what_went_in(bundle: Path, tmp_path: Path) -> None:
    write_bundle_files(bundle, {"scene/a/model.txt": "a teapot", "M\u00fcll \u65e5.txt": "x", "empty.txt": ""})
    (bundle / "nothing in it").mkdir()
    counts: list[int] = []

    with archive_bundle_dir(str(bundle), counts.append) as archive:
        assert sum(counts) == get_bundle_dir_size(str(bundle)) == len(TEMPLATE_TEXT) + 9
        with open_archive(archive, "the archive") as opened:
            unpacked = tmp_path / "unpacked"
            unpacked.mkdir()
            opened.extract_to(unpacked)
            assert opened.total_bytes == sum(counts)
            assert opened.digest == folder_digest(unpacked) == folder_digest(bundle)

    assert files_below(unpacked) == files_below(bundle)


def test_the_archive_is_a_plain_zip_file_that_is_not_in_memory(bundle: Path) -> None:
    write_bundle_files(bundle)
    with archive_bundle_dir(str(bundle)) as archive, zipfile.ZipFile(archive) as file:
        assert archive.fileno() > 0
        assert [(info.filename, info.compress_type) for info in file.infolist()] == [
            ("scene/model.txt", zipfile.ZIP_DEFLATED),
            ("template.json", zipfile.ZIP_DEFLATED),
        ]
        assert file.testzip() is None


def test_a_large_file_is_reported_in_pieces(bundle: Path) -> None:
    write_bundle_files(bundle)
    (bundle / "large").write_bytes(bytes(9 * 1024 * 1024))
    counts: list[int] = []
    archive_bundle_dir(str(bundle), counts.append).close()
    assert max(counts) == 4 * 1024 * 1024
    assert sum(counts) == get_bundle_dir_size(str(bundle))


@posix_only
def test_links_and_what_clients_keep_for_themselves_are_left_out(
    bundle: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_bundle_files(
        bundle, {".hooks_origin": "/home/me", ".bundle_cache_meta.json": "{}", "a/.hooks_origin": "kept"}
    )
    (tmp_path / "secret").write_text("not for everyone", encoding="utf-8")
    (bundle / "link").symlink_to(tmp_path / "secret")
    (bundle / "folder").symlink_to(tmp_path)
    os.mkfifo(bundle / "pipe")

    with caplog.at_level(logging.WARNING), archive_bundle_dir(str(bundle)) as archive:
        assert zipfile.ZipFile(archive).namelist() == ["a/.hooks_origin", "template.json"]

    assert get_bundle_dir_size(str(bundle)) == len(TEMPLATE_TEXT) + 4
    assert all(str(bundle / name) in caplog.text for name in ("link", "folder", "pipe"))


@posix_only
def test_programs_stay_programs(bundle: Path, tmp_path: Path) -> None:
    write_bundle_files(bundle, {"hook.sh": "#!/bin/sh\n", "notes.txt": ""})
    (bundle / "hook.sh").chmod(0o4755)
    with archive_bundle_dir(str(bundle)) as archive:
        unpack(archive.read(), tmp_path / "unpacked")

    mode = (tmp_path / "unpacked" / "hook.sh").stat().st_mode
    assert mode & stat.S_IXUSR
    assert not mode & (stat.S_ISUID | stat.S_IWOTH)
    assert not (tmp_path / "unpacked" / "notes.txt").stat().st_mode & stat.S_IXUSR


@posix_only
@pytest.mark.parametrize("name", ["a\\b", "a\nb", "C:x", "half \udcff"])
def test_a_name_that_other_systems_cannot_have_is_named(name: str, bundle: Path) -> None:
    write_bundle_files(bundle)
    (bundle / name).write_text("", encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match="other systems cannot have"):
        archive_bundle_dir(str(bundle))


def test_what_a_callback_raises_ends_the_archiving(bundle: Path) -> None:
    def cancel(count: int) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        archive_bundle_dir(str(write_bundle_files(bundle)), cancel)


def test_only_bundles_and_archives_of_bundles_can_be_shared(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    (tmp_path / "broken.ojd").write_bytes(b"no zip file")
    for path, reason in [
        (bundle, "neither template.yaml nor template.json"),
        (tmp_path / "nowhere", "neither a folder nor a file"),
        (tmp_path / "notes.txt", "neither a folder nor a file"),
        (tmp_path / "broken.ojd", "not an archive of a job bundle"),
    ]:
        with pytest.raises(DeadlineOperationError, match=reason) as raised:
            open_bundle_archive(str(path))
        assert str(path) in str(raised.value)

    good = tmp_path / "good.ojd"
    good.write_bytes(zip_bytes(TEMPLATE_FILE))
    with open_bundle_archive(str(good)) as archive:
        assert archive.read() == good.read_bytes()


def test_one_folder_around_everything_is_passed_over(tmp_path: Path) -> None:
    inner = {"my job/template.yaml": "name: x", "my job/scene/a": "1", "__MACOSX/my job/._a": "z", "my job/": ""}
    assert unpack(zip_bytes(inner), tmp_path / "unpacked") == {"template.yaml": "name: x", "scene/a": "1"}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"readme.txt": ""},
        {"a/b/template.json": TEMPLATE_TEXT},
        {"a/template.json": TEMPLATE_TEXT, "b/x": ""},
        {"a/template.json": TEMPLATE_TEXT, "x": ""},
        {"template.json/x": ""},
    ],
    ids=" ".join,
)
def test_an_archive_without_a_template_at_its_top_is_none_of_a_bundle(files: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"neither template\.yaml nor template\.json"):
        unpack(zip_bytes(files), tmp_path / "unpacked")


@pytest.mark.parametrize(
    "name",
    [
        *("/etc/passwd", "//host/share/x", "../x", "a/../../x", "a/..", "..", "a/./b", "a//b", "./x"),
        *("C:\\x", "C:x", "c:/x", "..\\x", "a\\..\\..\\x", "\\x", "\\\\host\\share\\x", "a\nb", "a\x1bb"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    archive = zip_bytes({**TEMPLATE_FILE, entry(name): "evil"})

    with pytest.raises(ValueError, match="no plain path") as raised:
        unpack(archive, tmp_path / "unpacked")

    assert isinstance(raised.value, DeadlineOperationError)
    assert list(tmp_path.rglob("*")) == [tmp_path / "unpacked"]


@given(st.text(alphabet="ab./\\: \n", min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_no_name_leads_out_of_the_folder(tmp_path_factory: Any, name: str) -> None:
    folder = tmp_path_factory.mktemp("names")
    try:
        unpack(zip_bytes({**TEMPLATE_FILE, entry(name): "evil"}), folder / "unpacked")
    except DeadlineOperationError:
        pass
    assert [path.name for path in folder.iterdir()] == ["unpacked"]
    assert (folder / "unpacked" / "template.json").exists() or not any((folder / "unpacked").iterdir())


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(kind: int, tmp_path: Path) -> None:
    info = entry("link", create_system=3, external_attr=(kind | 0o777) << 16)
    with pytest.raises(ValueError, match="link or a device"):
        unpack(zip_bytes({**TEMPLATE_FILE, info: "/etc/passwd"}), tmp_path / "unpacked")
    assert files_below(tmp_path) == {}


@pytest.mark.parametrize("second", ["template.json", "scene/x"])
def test_a_file_that_is_there_twice_is_refused(second: str, tmp_path: Path) -> None:
    twice = zip_bytes({**TEMPLATE_FILE, "scene/x": "1", entry(second): "2"})
    with pytest.raises(ValueError, match="twice"):
        unpack(twice, tmp_path / "unpacked")


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one on this system"):
        unpack(zip_bytes({**TEMPLATE_FILE, "a": "", "a/b": ""}), tmp_path / "unpacked")


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    archive = zip_bytes(TEMPLATE_FILE)
    with pytest.raises(ValueError, match=f"more than {MAXIMUM_ENTRIES} files"):
        unpack(with_files_listed(archive, MAXIMUM_ENTRIES + 1), tmp_path / "unpacked")
    with pytest.raises(ValueError, match="twice"):
        unpack(with_files_listed(archive, 2), tmp_path / "also")


def test_far_more_bytes_than_an_archive_should_have_are_refused(tmp_path: Path) -> None:
    archive = zip_bytes({"large": "x", **TEMPLATE_FILE})
    with pytest.raises(ValueError, match="made to fill a disk"):
        unpack(with_declared_size(archive, 257 * 1024 * 1024), tmp_path / "unpacked")


def test_a_file_that_is_larger_than_it_says_is_not_written_whole(tmp_path: Path) -> None:
    archive = with_declared_size(zip_bytes({"large": "x" * 100_000, **TEMPLATE_FILE}), 10)
    with pytest.raises(ValueError, match="damaged"):
        unpack(archive, tmp_path / "unpacked")
    assert sum(path.stat().st_size for path in (tmp_path / "unpacked").iterdir()) <= 10


def test_encrypted_and_strangely_compressed_files_are_refused(tmp_path: Path) -> None:
    encrypted = with_central_field(zip_bytes(TEMPLATE_FILE), 8, "<H", lambda flags: flags | 1)
    for number, archive in enumerate([encrypted, zip_bytes(TEMPLATE_FILE, zipfile.ZIP_BZIP2)]):
        with pytest.raises(ValueError, match="encrypted, or compressed"):
            unpack(archive, tmp_path / str(number))


@pytest.mark.parametrize("damage", ["no zip", "empty", "cut", "content", "checksum", "header"])
def test_what_is_damaged_is_said_to_be(damage: str, tmp_path: Path) -> None:
    noise = bytes(range(256)) * 40
    archive = bytearray(zip_bytes({"noise": noise, **TEMPLATE_FILE}, zipfile.ZIP_STORED))
    if damage == "content":
        archive[archive.index(noise) + 5000] ^= 1
    elif damage == "header":
        archive[0:4] = b"JUNK"
    broken = {
        "no zip": b"this is no zip file",
        "empty": b"",
        "cut": bytes(archive[: len(archive) // 2]),
        "checksum": with_central_field(bytes(archive), 16, "<L", lambda checksum: checksum ^ 1),
    }.get(damage, bytes(archive))

    with pytest.raises(InvalidArchiveError, match="damaged"):
        unpack(broken, tmp_path / "unpacked")


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=255), st.booleans())
@settings(max_examples=150, deadline=None)
def test_an_archive_with_any_byte_changed_is_unpacked_right_or_refused(
    tmp_path_factory: Any, position: int, value: int, cut: bool
) -> None:
    archive = bytearray(zip_bytes({**TEMPLATE_FILE, "scene/model.txt": "a teapot" * 20}))
    position %= len(archive)
    archive[position] = value
    folder = tmp_path_factory.mktemp("damaged")
    try:
        unpacked = unpack(bytes(archive[: position + 1] if cut else archive), folder / "unpacked")
    except DeadlineOperationError:
        return
    assert set(unpacked.values()) <= {TEMPLATE_TEXT, "a teapot" * 20}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"template.json": "j", "template.yaml": "y"}, ("y", "template.yaml")),
        ({"template.json": "\ufeffj", "a/template.yaml": "y"}, ("j", "template.json")),
        ({"a/template.json": "j", "a/b/template.yaml": "y"}, ("j", "template.json")),
        ({"template.json": b"\xff"}, None),
        ({"readme": ""}, None),
    ],
)
def test_the_template_is_read_without_unpacking(files: Any, found: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.ojd"
    path.write_bytes(zip_bytes(files))
    assert read_template_from_archive(str(path)) == found


def test_a_template_that_is_too_large_or_an_archive_that_is_none_has_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.ojd"
    path.write_bytes(zip_bytes({"template.json": bytes(16 * 1024 * 1024 + 1)}))
    assert read_template_from_archive(str(path)) is None
    path.write_bytes(b"")
    assert read_template_from_archive(str(path)) is None
    assert read_template_from_archive(str(tmp_path / "nowhere.ojd")) is None
