"""Job bundles on this machine, and the folders that archives are unpacked into."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle._repository import BrowseEntry, LocalBundleRepository
from deadline.client.job_bundle.repository.export import export_bundle, export_target
from deadline.client.job_bundle.repository.local_repository import find_local_bundle

from .archives import TEMPLATE_TEXT, files_below, write_bundle_files, zip_bytes

ARCHIVE = zip_bytes({"template.json": TEMPLATE_TEXT, "scene/model.txt": "a teapot"})


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "bundles" / "Turntable.ojd"
    path.parent.mkdir()
    path.write_bytes(ARCHIVE)
    return path


def test_folders_and_archives_are_listed_by_name(archive: Path) -> None:
    root = archive.parent
    write_bundle_files(root / "b")
    (root / "a").mkdir()
    (root / "c.txt").write_text("", encoding="utf-8")
    (root / "folder.ojd").mkdir()
    (root / ".ojd").write_text("", encoding="utf-8")
    (root / "unread.ojd").write_text("no archive", encoding="utf-8")
    if os.name != "nt":
        (root / "link").symlink_to(root / "b")
        (root / "link.ojd").symlink_to(archive)

    assert LocalBundleRepository(str(root)).list_entries() == [
        BrowseEntry("Turntable", str(archive), True, True),
        BrowseEntry("a", str(root / "a"), False),
        BrowseEntry("b", str(root / "b"), True),
        BrowseEntry("folder.ojd", str(root / "folder.ojd"), False),
        BrowseEntry("unread", str(root / "unread.ojd"), True, True),
    ]
    only_folders = LocalBundleRepository(str(root), include_archives=False)
    assert [entry.name for entry in only_folders.list_entries()] == ["a", "b", "folder.ojd"]
    assert LocalBundleRepository().list_entries(str(root)) == LocalBundleRepository(str(root)).list_entries()


def test_what_cannot_be_listed_is_empty_and_the_root_is_the_home_folder(archive: Path) -> None:
    repository = LocalBundleRepository(str(archive.parent / "nowhere"))
    assert repository.list_entries() == []
    assert repository.list_entries(str(archive)) == []
    assert LocalBundleRepository().root_path() == str(Path.home())


def test_folder_and_archive_tell_the_same_about_a_bundle(archive: Path) -> None:
    values = '{"parameterValues": [{"name": "Frames", "value": "5"}]}'
    folder = write_bundle_files(archive.parent / "Turntable", {"parameter_values.json": values})
    archive.write_bytes(zip_bytes(files_below(folder)))
    repository = LocalBundleRepository(str(archive.parent))

    by_folder, by_archive = (repository.get_bundle_info(str(path)) for path in (folder, archive))

    assert by_folder is not None
    assert by_archive is not None
    assert by_folder.parameters == by_archive.parameters
    assert by_folder.parameters[0]["_display_value"] == "5"
    assert (by_folder.size_bytes, by_archive.size_bytes) == (None, archive.stat().st_size)
    for path in (folder, archive):
        assert repository.read_parameter_values(str(path)) == [{"name": "Frames", "value": "5"}]


def test_a_bundle_that_cannot_be_read_is_not_known_and_its_error_can_be_asked_for(archive: Path) -> None:
    folder = archive.parent / "broken"
    write_bundle_files(folder)
    (folder / "template.json").write_text("{", encoding="utf-8")
    archive.write_bytes(b"no archive")
    repository = LocalBundleRepository(str(archive.parent))
    for path in (folder, archive, archive.parent / "nowhere"):
        assert repository.get_bundle_info(str(path)) is None
        with pytest.raises(DeadlineOperationError, match=str(path.name)):
            repository.read_bundle_info(str(path))
    archive.write_bytes(zip_bytes({"template.yaml": "name: [\n"}))
    with pytest.raises(DeadlineOperationError, match=r"template\.yaml is not valid YAML"):
        repository.read_bundle_info(str(archive))


def test_an_archive_is_unpacked_once_while_nothing_changes(archive: Path, cache: Path) -> None:
    repository = LocalBundleRepository()
    folder = repository.extract_bundle(str(archive))

    assert files_below(Path(folder)) == {"template.json": TEMPLATE_TEXT, "scene/model.txt": "a teapot"}
    assert Path(folder).name == "Turntable"
    assert cache in Path(folder).parents
    os.utime(archive, (1, 1))
    assert repository.extract_bundle(str(archive)) == folder


@pytest.mark.parametrize("change", ["edit", "add", "remove", "same size", "link"])
def test_a_folder_that_somebody_changed_is_not_handed_out_again_and_stays(change: str, archive: Path) -> None:
    repository = LocalBundleRepository()
    first = Path(repository.extract_bundle(str(archive)))
    if change == "edit":
        (first / "template.json").write_text("{}", encoding="utf-8")
    elif change == "add":
        (first / "out").mkdir()
        (first / "out" / "frame.txt").write_text("rendered", encoding="utf-8")
    elif change == "remove":
        (first / "scene" / "model.txt").unlink()
    elif change == "same size":
        model = first / "scene" / "model.txt"
        before = model.stat()
        model.write_text("A TEAPOT", encoding="utf-8")
        os.utime(model, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif os.name != "nt":
        (first / "elsewhere").symlink_to(archive.parent)
    else:
        return
    changed = files_below(first)

    second = Path(repository.extract_bundle(str(archive)))

    assert second != first
    assert second.name == first.name
    assert files_below(second) == {"template.json": TEMPLATE_TEXT, "scene/model.txt": "a teapot"}
    assert files_below(first) == changed
    assert repository.extract_bundle(str(archive)) == str(second)


def test_a_new_version_gets_a_folder_and_the_old_one_goes_when_it_is_old_and_unchanged(archive: Path) -> None:
    repository = LocalBundleRepository()
    first, second, third = (Path(repository.extract_bundle(str(archive))) for _ in range(3))
    assert first == second == third
    archive.write_bytes(zip_bytes({"template.json": "{}"}))
    second = Path(repository.extract_bundle(str(archive)))
    (second / "out.txt").write_text("rendered", encoding="utf-8")
    assert first.exists()
    week_ago = time.time() - 8 * 24 * 3600
    for folder in (first.parent, second.parent):
        os.utime(folder, (week_ago, week_ago))

    archive.write_bytes(zip_bytes({"template.json": "[]"}))
    third = Path(repository.extract_bundle(str(archive)))

    assert not first.exists()
    assert files_below(second) == {"template.json": "{}", "out.txt": "rendered"}
    assert files_below(third) == {"template.json": "[]"}


def test_what_a_crash_left_goes_after_a_day(archive: Path, cache: Path) -> None:
    repository = LocalBundleRepository()
    place = Path(repository.extract_bundle(str(archive))).parent.parent
    crashed, running = place / ".unpacking-1", place / ".unpacking-2"
    for folder in (crashed, running):
        write_bundle_files(folder / "Turntable")
    long_ago = time.time() - 25 * 3600
    os.utime(crashed, (long_ago, long_ago))

    archive.write_bytes(zip_bytes({"template.json": "{}"}))
    repository.extract_bundle(str(archive))

    assert not crashed.exists()
    assert running.exists()


@pytest.mark.parametrize(
    "content",
    [b"no archive", ARCHIVE[:-30], zip_bytes({"template.json": "{}", "../x": ""})],
    ids=["no archive", "cut", "leads out"],
)
def test_an_archive_that_cannot_be_used_leaves_nothing(content: bytes, archive: Path, cache: Path) -> None:
    archive.write_bytes(content)
    with pytest.raises(DeadlineOperationError, match=r"Turntable\.ojd"):
        LocalBundleRepository().extract_bundle(str(archive))
    assert [path for path in cache.rglob("*") if path.is_file() or path.name == "Turntable"] == []


def test_a_file_in_the_place_of_the_cache_is_named(archive: Path, cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("", encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match="cannot be written"):
        LocalBundleRepository().extract_bundle(str(archive))


def test_an_archive_may_be_called_anything(tmp_path: Path) -> None:
    path = tmp_path / "_.ojd"
    path.write_bytes(ARCHIVE)
    assert (Path(LocalBundleRepository().extract_bundle(str(path))) / "template.json").exists()


def test_a_bundle_is_found_by_its_path_or_its_name(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_bundle_files(archive.parent / "b")
    monkeypatch.chdir(archive.parent.parent)
    for name, path in [
        (str(folder), folder),
        (os.path.join("bundles", "b"), folder),
        (os.path.join("bundles", "Turntable.ojd"), archive),
        (os.path.join("bundles", "Turntable"), archive),
    ]:
        assert find_local_bundle(name) == str(path)
    with pytest.raises(DeadlineOperationError, match="'Turntable'"):
        find_local_bundle("Turntable")
    set_setting("settings.job_bundle_default_directory", str(archive.parent))
    assert find_local_bundle("Turntable") == str(archive)
    monkeypatch.chdir(archive.parent)
    assert find_local_bundle("b") == str(folder)


def test_a_copy_takes_the_place_of_a_bundle_and_of_nothing_else(tmp_path: Path) -> None:
    source = write_bundle_files(tmp_path / "source")
    target = export_target(str(tmp_path / "projects"), "Turntable")
    assert target == tmp_path / "projects" / "Turntable"

    export_bundle(str(source), target)
    (target / "old.txt").write_text("", encoding="utf-8")
    assert export_target(str(tmp_path / "projects"), "Turntable") == target
    export_bundle(str(source), target)

    assert files_below(target) == files_below(source)
    assert list(target.parent.iterdir()) == [target]
    (target / "template.json").unlink()
    with pytest.raises(DeadlineOperationError, match="is not a job bundle"):
        export_target(str(tmp_path / "projects"), "Turntable")


def test_a_copy_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = write_bundle_files(tmp_path / "projects" / "Turntable")
    before = files_below(target)
    with pytest.raises(DeadlineOperationError, match="could not be copied"):
        export_bundle(str(tmp_path / "nowhere"), target)
    assert files_below(target) == before
    assert list(target.parent.iterdir()) == [target]
