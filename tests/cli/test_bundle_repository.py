"""Job bundles that the users of a queue share, and those in folders: list, upload, download, hide, info."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

NOWHERE = "0" * 32


class Queue:
    """A queue whose part of the bucket is its own, and the objects in it."""

    def __init__(self, farm: Any) -> None:
        self._farm = farm
        first = farm.client.get_queue(farmId=farm.farm_id, queueId=farm.queue_id)["jobAttachmentSettings"]
        self.settings = {**first, "rootPrefix": f"bundles-{uuid.uuid4().hex[:12]}"}
        self.queue_id: str = farm.client.create_queue(
            farmId=farm.farm_id, displayName="Queue of bundles", jobAttachmentSettings=self.settings
        )["queueId"]

    def key(self, name: str) -> str:
        return f"{self.settings['rootPrefix']}/job-bundles/{name}.ojd"

    def address(self, name: str) -> str:
        return f"s3://{self.settings['s3BucketName']}/{self.key(name)}"

    def put(self, name: str, files: dict[str, str], **members: Any) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        self._farm.s3.put_object(
            Bucket=self.settings["s3BucketName"], Key=self.key(name), Body=buffer.getvalue(), **members
        )

    def get(self, name: str) -> Any:
        return self._farm.s3.get_object(Bucket=self.settings["s3BucketName"], Key=self.key(name))

    def names(self) -> list[str]:
        return [key.rpartition("/")[2] for key in self._keys()]

    def clear(self) -> None:
        for key in self._keys():
            self._farm.s3.delete_object(Bucket=self.settings["s3BucketName"], Key=key)

    def _keys(self) -> list[str]:
        page = self._farm.s3.list_objects_v2(Bucket=self.settings["s3BucketName"], Prefix=self.settings["rootPrefix"])
        return [item["Key"] for item in page.get("Contents", [])]


@pytest.fixture(scope="module")
def queue_of_all(known: Any) -> Queue:
    """One queue for all tests, since making the AWS clients of each queue takes a while."""
    return Queue(known)


@pytest.fixture
def queue(queue_of_all: Queue, farm: Any, deadline: Any) -> Queue:
    """A queue without shared bundles, which is the default one."""
    queue_of_all.clear()
    deadline("config", "set", "defaults.queue_id", queue_of_all.queue_id)
    return queue_of_all


TEMPLATE = {"specificationVersion": "jobtemplate-2023-09", "name": "Turntable", "steps": [{"name": "Render"}]}
FILES = {"template.json": json.dumps(TEMPLATE), "scene/model.txt": "a teapot"}


def test_a_bundle_makes_the_round_through_the_queue(
    farm: Any, queue: Queue, deadline: Any, bundle: Path, tmp_path: Path
) -> None:
    uploaded = deadline("bundle", "upload", str(bundle), "--name", "My job")
    assert (uploaded.code, uploaded.err) == (0, "")
    assert uploaded.out.splitlines() == [
        "Archiving",
        "Uploading",
        f"Uploaded the job bundle to {queue.address('My job')}",
    ]
    assert queue.get("My job")["ContentType"] == "application/zip"
    assert queue.get("My job")["Metadata"]["ojd-params"] == "Word:STRING"

    listed = deadline("bundle", "list", "--queue")
    assert listed.json == [{"name": "My job", "path": queue.address("My job"), "format": "archive"}]
    assert listed.out.startswith("[\n  {\n")

    known = deadline("bundle", "info", "My job", "--queue").json
    assert (known["name"], known["steps"]) == ("Nothing to do", ["Run"])
    assert known["parameters"] == [{"name": "Word", "type": "STRING"}]
    assert known["path"] == queue.address("My job")
    assert known["sizeBytes"] > 0

    downloaded = deadline("bundle", "download", "My job")
    assert downloaded.out.count("\n") == 1
    folder = Path(downloaded.json["path"])
    assert folder.name == "My job"
    assert (folder / "template.json").read_bytes() == (bundle / "template.json").read_bytes()
    assert deadline("bundle", "download", "My job").json == downloaded.json

    copied = deadline("bundle", "download", "My job", "--output-dir", str(tmp_path / "projects"))
    target = tmp_path / "projects" / "My job"
    assert copied.json == {"path": str(target)}
    assert [path.name for path in target.iterdir()] == ["template.json"]

    job = deadline("bundle", "submit", str(target), "--queue-id", farm.queue_id)
    assert job.code == 0, job.err


def test_the_name_is_that_of_the_folder_or_file(queue: Queue, deadline: Any, bundle: Path, tmp_path: Path) -> None:
    archive = tmp_path / "Turntable.ojd"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("template.json", FILES["template.json"])
    for source in (f"{bundle}/", str(archive)):
        assert deadline("bundle", "upload", source).code == 0
    assert deadline("bundle", "upload", str(archive), "--name", "shots/7.ojd").code == 0

    assert queue.names() == ["Turntable.ojd", f"{bundle.name}.ojd", "shots_7.ojd"]
    assert queue.get("Turntable")["Body"].read() == archive.read_bytes()
    assert queue.get("Turntable")["Metadata"]["ojd-name"] == "Turntable"


@pytest.mark.parametrize("what", ["no bundle", "nothing", "no archive"])
def test_what_is_no_bundle_is_not_uploaded(what: str, queue: Queue, deadline: Any, tmp_path: Path) -> None:
    path = tmp_path / "thing.ojd"
    if what == "no bundle":
        path.mkdir()
    elif what == "no archive":
        path.write_text("no archive", encoding="utf-8")
    result = deadline("bundle", "upload", str(path))
    assert (result.code, result.out) == (1, "")
    assert str(path) in result.err
    assert "unexpected" not in result.err
    assert queue.names() == []


@pytest.mark.parametrize("name", ["", "..", "../x", "___", "x" * 1100])
def test_a_name_that_cannot_be_used_is_refused(name: str, queue: Queue, deadline: Any, bundle: Path) -> None:
    result = deadline("bundle", "upload", str(bundle), "--name", name)
    assert result.code == 1
    assert "cannot be called" in result.err or "too long for S3" in result.err
    assert queue.names() == []


def test_a_shared_bundle_is_replaced_only_by_will(queue: Queue, deadline: Any, bundle: Path) -> None:
    queue.put("a", FILES)
    before = queue.get("a")["ETag"]

    unasked = deadline("bundle", "upload", str(bundle), "--name", "a")
    assert unasked.code == 2
    assert "a already. Replace it" in unasked.err
    assert "--yes" in unasked.err
    deadline("config", "set", "settings.auto_accept", "true")
    assert deadline("bundle", "upload", str(bundle), "--name", "a").code == 2

    for answers in ("\n", "n\n"):
        declined = deadline("bundle", "upload", str(bundle), "--name", "a", answers=answers, terminal=True)
        assert declined.code == 0
        assert "[y/N]" in declined.out
        assert "was not uploaded" in declined.out
    assert queue.get("a")["ETag"] == before

    agreed = deadline("bundle", "upload", str(bundle), "--name", "a", answers="y\n", terminal=True)
    assert agreed.code == 0
    assert queue.get("a")["ETag"] != before
    assert deadline("bundle", "upload", str(bundle), "--name", "a", "--yes").code == 0


def test_a_dry_run_of_an_upload_says_where_it_would_go_and_asks_nothing(
    queue: Queue, deadline: Any, bundle: Path
) -> None:
    arguments = ("bundle", "upload", str(bundle), "--name", "a")
    size = (bundle / "template.json").stat().st_size
    expected = {"name": "a", "path": queue.address("a"), "bytes": size, "replaced": False}

    dry = deadline(*arguments, "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    assert dry.out == f"Would upload the job bundle ({size} B) to {queue.address('a')}\n"
    assert deadline(*arguments, "--dry-run", "--output", "json").json == {"dryRun": True, **expected}
    assert queue.names() == []

    done = deadline(*arguments, "--output", "json")
    assert (done.code, done.json) == (0, expected)
    assert queue.names() == ["a.ojd"]
    before = queue.get("a")["ETag"]

    again = deadline(*arguments, "--dry-run", terminal=True)
    assert again.code == 0
    assert "It would replace the one that is there" in again.out
    refused = deadline(*arguments, "--output", "json", terminal=True)
    assert (refused.code, refused.out) == (2, "")
    assert "--yes" in refused.err
    assert queue.get("a")["ETag"] == before
    assert deadline(*arguments, "--yes", "--output", "json").json["replaced"] is True


def test_a_dry_run_of_a_download_says_where_it_would_go_and_asks_nothing(
    queue: Queue, deadline: Any, tmp_path: Path, home: Path
) -> None:
    queue.put("a", FILES)
    size = queue.get("a")["ContentLength"]
    target = tmp_path / "a"
    into_folder = ("bundle", "download", "a", "-o", str(tmp_path), "--dry-run")

    dry = deadline(*into_folder)
    expected = {"dryRun": True, "path": str(target), "source": queue.address("a"), "bytes": size, "replaced": False}
    assert dry.json == expected
    assert deadline("bundle", "download", "a", "--dry-run").json["path"] is None
    text = deadline(*into_folder, "--output", "verbose").out
    assert text == f"{queue.address('a')}: would download {size} B to {target}\n"
    assert not target.exists()
    assert not list(home.rglob("template.json"))

    cached = deadline("bundle", "download", "a").json["path"]
    assert deadline("bundle", "download", "a", "--dry-run").json["path"] == cached
    assert "Nothing would be downloaded" in deadline("bundle", "download", "a", "--dry-run", "--output", "verbose").out
    deadline("bundle", "download", "a", "-o", str(tmp_path))
    own = target / "own.txt"
    own.write_text("mine", encoding="utf-8")
    again = deadline(*into_folder, terminal=True)
    assert again.code == 0
    assert "It would replace the job bundle that is there" in again.out
    assert deadline(*into_folder).json == {**expected, "bytes": 0, "replaced": True}
    assert own.exists()


def test_at_a_terminal_bars_show_how_far_it_is(queue: Queue, deadline: Any, bundle: Path) -> None:
    uploaded = deadline("bundle", "upload", str(bundle), "--name", "a", terminal=True)
    downloaded = deadline("bundle", "download", "a", terminal=True)
    for result, labels in ((uploaded, ["Archiving", "Uploading"]), (downloaded, ["Downloading", "Extracting"])):
        lines = result.out.replace("\r", "\n").splitlines()
        finished = [line.split()[0] for line in lines if "100%" in line]
        assert finished == labels
    assert downloaded.out.splitlines()[-1].startswith("The job bundle is in ")


def test_hidden_bundles_are_left_out_of_lists(queue: Queue, deadline: Any) -> None:
    for name in ("b", "A"):
        queue.put(name, FILES)
    hidden = deadline("bundle", "hide", "b")
    assert (hidden.code, hidden.err) == (0, "")
    assert "deadline bundle unhide b" in hidden.out

    assert [item["name"] for item in deadline("bundle", "list", "--queue").json] == ["A"]
    shown = deadline("bundle", "list", "--queue", "--show-hidden")
    assert shown.json == [
        {"name": "A", "path": queue.address("A"), "format": "archive"},
        {"name": "b", "path": queue.address("b"), "format": "archive", "hidden": True},
    ]
    assert deadline("bundle", "list", "--queue", "--show-hidden", "--output", "verbose").out == "A\nb (hidden)\n"

    assert "hidden already" in deadline("bundle", "hide", "b").out
    assert deadline("bundle", "unhide", "b").code == 0
    assert "is not hidden" in deadline("bundle", "unhide", "b").out
    assert [item["name"] for item in deadline("bundle", "list", "--queue").json] == ["A", "b"]


@pytest.mark.skipif(os.name == "nt", reason="the quotes are those of other shells")
def test_the_command_that_shows_a_bundle_again_can_be_copied(queue: Queue, deadline: Any) -> None:
    for name in ("My job", "\u30b7\u30e7\u30c3\u30c8\u30007"):
        queue.put(name, FILES)
        hidden = deadline("bundle", "hide", name)
        assert hidden.out.endswith(f"deadline bundle unhide '{name}'\n")
        assert deadline("bundle", "unhide", name).code == 0


def test_hiding_can_be_tried_out_and_told_to_programs(queue: Queue, deadline: Any) -> None:
    queue.put("a", FILES)

    def names() -> list[str]:
        return [item["name"] for item in deadline("bundle", "list", "--queue").json]

    for command, hidden, after in (("hide", True, []), ("unhide", False, ["a"])):
        before = names()
        assert "would be" in deadline("bundle", command, "a", "--dry-run").out
        as_json = deadline("bundle", command, "a", "--dry-run", "--output", "json").json
        assert as_json == {"dryRun": True, "name": "a", "hidden": hidden, "changed": True}
        assert names() == before
        changed = deadline("bundle", command, "a", "--output", "json").json
        assert changed == {"name": "a", "hidden": hidden, "changed": True}
        assert names() == after
        assert deadline("bundle", command, "a", "--output", "json").json["changed"] is False


@pytest.mark.parametrize("command", [("download",), ("hide",), ("info", "--queue")], ids=lambda words: words[0])
def test_an_unknown_bundle_is_answered_with_those_there_are(
    command: tuple[str, ...], queue: Queue, deadline: Any
) -> None:
    queue.put("Turntable", FILES)
    result = deadline("bundle", *command, "Tuntable")
    assert (result.code, result.out) == (1, "")
    assert "There are:\n  Turntable\n" in result.err
    assert deadline("bundle", *command, "../Turntable").code == 1


def test_a_download_replaces_a_bundle_only_by_will_and_nothing_else_ever(
    queue: Queue, deadline: Any, tmp_path: Path
) -> None:
    queue.put("a", FILES)
    arguments = ("bundle", "download", "a", "-o", str(tmp_path))
    assert deadline(*arguments).code == 0
    own = tmp_path / "a" / "own.txt"
    own.write_text("mine", encoding="utf-8")

    in_a_pipe = deadline(*arguments)
    assert (in_a_pipe.code, in_a_pipe.out) == (2, "")
    assert "--yes" in in_a_pipe.err
    declined = deadline(*arguments, answers="\n", terminal=True)
    assert declined.code == 1
    assert "was not downloaded" in declined.err
    assert own.exists()
    assert deadline(*arguments, answers="y\n", terminal=True).code == 0
    assert not own.exists()
    assert deadline(*arguments, "--yes").code == 0

    (tmp_path / "a" / "template.json").unlink()
    refused = deadline(*arguments, "--yes")
    assert refused.code == 1
    assert f"{tmp_path / 'a'} is there already and is not a job bundle" in refused.err


def test_an_archive_that_would_leave_its_folder_is_refused(queue: Queue, deadline: Any, home: Path) -> None:
    queue.put("a", {**FILES, "../../../../evil.txt": "evil"})
    result = deadline("bundle", "download", "a")
    assert (result.code, result.out) == (1, "")
    assert "no plain path" in result.err
    assert [path for path in home.rglob("*") if path.name in ("evil.txt", "template.json")] == []


def test_names_and_texts_of_others_do_not_steer_the_terminal(queue: Queue, deadline: Any) -> None:
    queue.put("a\x1b[2Jb", {"template.json": json.dumps({**TEMPLATE, "name": "x\x1b[2Jy"})})
    listed = deadline("bundle", "list", "--queue", "--output", "verbose")
    known = deadline("bundle", "info", "a\x1b[2Jb", "--queue", "--output", "verbose")
    assert listed.out == "a [2Jb\n"
    assert "Name: x [2Jy\n" in known.out
    assert "\x1b" not in known.out


def test_a_queue_without_job_attachments_says_so(farm: Any, deadline: Any, bundle: Path) -> None:
    queue_id = farm.client.create_queue(farmId=farm.farm_id, displayName="Bare queue")["queueId"]
    result = deadline("bundle", "upload", str(bundle), "--queue-id", queue_id)
    assert (result.code, result.out) == (1, "")
    assert "Bare queue has no job attachments" in result.err


def test_an_unknown_queue_is_answered_with_those_there_are(farm: Any, deadline: Any) -> None:
    result = deadline("bundle", "list", "--queue", "--queue-id", f"queue-{NOWHERE}")
    assert result.code == 1
    assert f"  {farm.queue_id}  Local queue" in result.err


def test_a_bucket_that_is_not_there_is_an_error_of_the_queue(farm: Any, deadline: Any) -> None:
    queue_id = farm.client.create_queue(
        farmId=farm.farm_id,
        displayName="Queue without bucket",
        jobAttachmentSettings={"s3BucketName": "no-such-bucket", "rootPrefix": "x"},
    )["queueId"]
    result = deadline("bundle", "list", "--queue", "--queue-id", queue_id)
    assert result.code == 1
    assert f"Failed to list the job bundles of queue {queue_id}" in result.err
    assert "Traceback" not in result.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a bundle, an archive of one, and something else."""
    folder = tmp_path / "folder"
    for name in ("b", "c"):
        (folder / name).mkdir(parents=True)
    (folder / "b" / "template.json").write_text(FILES["template.json"], encoding="utf-8")
    with zipfile.ZipFile(folder / "a.ojd", "w") as file:
        file.writestr("template.json", FILES["template.json"])
    return folder


def test_bundles_in_a_folder_are_listed(folder: Path, deadline: Any) -> None:
    archive = {"name": "a", "path": str(folder / "a.ojd"), "format": "archive"}
    bundle = {"name": "b", "path": str(folder / "b"), "format": "folder"}
    assert deadline("bundle", "list", str(folder)).json == [archive, bundle]
    assert deadline("bundle", "list", str(folder), "--no-archives").json == [bundle]
    assert deadline("bundle", "list", str(folder), terminal=True).out == "a\nb\n"
    deadline("config", "set", "settings.job_bundle_default_directory", str(folder))
    assert deadline("bundle", "list").json == [archive, bundle]


def test_a_folder_without_bundles_is_an_empty_list(deadline: Any, tmp_path: Path) -> None:
    assert deadline("bundle", "list", str(tmp_path)).out == "[]\n"
    nowhere = tmp_path / "nowhere"
    assert deadline("bundle", "list", str(nowhere), terminal=True).out == f"There are no job bundles in {nowhere}.\n"


def test_a_folder_and_a_queue_at_once_are_refused(deadline: Any, tmp_path: Path) -> None:
    result = deadline("bundle", "list", str(tmp_path), "--queue")
    assert result.code == 2
    assert "not both" in result.err


@pytest.mark.parametrize("name", ["b", "a", "a.ojd"])
def test_a_bundle_in_a_folder_is_described(
    name: str, folder: Path, deadline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / ("b" if name == "b" else "a.ojd")
    size = None if name == "b" else path.stat().st_size
    deadline("config", "set", "settings.job_bundle_default_directory", str(folder))
    expected = {
        "name": "Turntable",
        "description": "",
        "steps": ["Render"],
        "parameters": [],
        "sizeBytes": size,
        "path": str(path),
    }
    assert deadline("bundle", "info", name).json == expected
    monkeypatch.chdir(folder)
    assert deadline("bundle", "info", name).json == expected
    assert deadline("bundle", "info", str(path), terminal=True).out == (
        f"Path: {path}\nName: Turntable\nSteps:\n  - Render\n"
    )


def test_a_bundle_that_is_nowhere_or_broken_is_explained(folder: Path, deadline: Any) -> None:
    (folder / "b" / "template.json").write_text("{", encoding="utf-8")
    for name, reason in (("nothing", "no job bundle 'nothing'"), (str(folder / "b"), "is not valid JSON")):
        result = deadline("bundle", "info", name)
        assert (result.code, result.out) == (1, "")
        assert reason in result.err


def test_ctrl_c_ends_an_upload_and_nothing_is_shared(queue: Queue, process: Any, bundle: Path) -> None:
    # Hard to compress, so that the archive is not made in a moment.
    size = 20_000_000
    (bundle / "noise").write_bytes(random.Random(0).getrandbits(8 * size).to_bytes(size, "little"))
    running = process("bundle", "upload", str(bundle), "--name", "a")
    assert running.stdout.readline() == "Archiving\n"
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "The job bundle was not uploaded." in err
    assert queue.names() == []
