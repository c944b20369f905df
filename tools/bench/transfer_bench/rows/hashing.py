"""Hashing: many small files into a manifest, and large files."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Iterator, Mapping

from ..clients import DRIVERS, DeadlineClient, environment
from ..errors import RunFailed
from ..model import OURS, Case, Command, Measurement
from ..targets import Target, at_least, at_most, of_peer
from ..workbench import EXISTING, Prepare, Workbench, simply
from .memory import peak_targets

_KiB = 1024


def snapshot(bench: Workbench) -> Iterator[Case]:
    """``_manifest_snapshot`` of H with empty caches and with full ones, beside a bare loop that only reads and hashes."""
    data = bench.data("H")

    def command(client: DeadlineClient, cache: Path, destination: Path, root: Path, files: int) -> Command:
        options = {"root": str(root), "destination": str(destination), "cache": str(cache)}
        return client.command("snapshot", options, finish=lambda _: _expect_entries(destination, files))

    def cold(client: DeadlineClient) -> Prepare:
        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            with bench.empty_folder(client.name, "cache") as cache, bench.empty_folder(client.name, "out") as out:
                yield command(client, cache, out, data.root, data.files)

        return prepare

    def warm(client: DeadlineClient) -> Prepare:
        cache = bench.client_folder(client.name) / "warm-cache-H"

        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            if not cache.exists():
                cache.mkdir()
                with bench.empty_folder(client.name, "out") as out:
                    bench.run(client.name, command(client, cache, out, data.root, data.files))
            with bench.empty_folder(client.name, "out") as out:
                yield command(client, cache, out, data.root, data.files)

        return prepare

    def floor() -> Prepare:
        argv = [str(bench.options.ours), str(DRIVERS / "bare_loop.py"), str(data.root)]
        return simply(Command(argv, environment(bench.client_folder("bare loop") / "home")))

    def of_existing() -> list[Target]:
        return [of_peer("wall", EXISTING, 1 / 12), of_peer("cpu", EXISTING, 1 / 12), *peak_targets("H")]

    if "cold" in bench.options.states:
        contestants = [*bench.deadline_contestants(cold), bench.contestant("bare loop", floor)]
        yield Case("hash-H", "cold", contestants, of_existing(), data="H")
        yield from _growth(bench)
    if "warm" in bench.options.states:
        yield Case("hash-H", "warm", bench.deadline_contestants(warm), of_existing(), data="H")


def _growth(bench: Workbench) -> Iterator[Case]:
    """How much more memory each further file takes: H beside a tenth of it."""
    data = bench.data("H")
    tenth = max(1, data.shape.folders // 10)

    def prepare(client: DeadlineClient) -> Prepare:
        @contextlib.contextmanager
        def run() -> Iterator[Command]:
            with contextlib.ExitStack() as stack:
                folders = {
                    name: stack.enter_context(bench.empty_folder(client.name, name))
                    for name in ("cache", "out", "part", "part-cache", "part-out")
                }
                for number in range(tenth):
                    name = f"folder_{number:04d}"
                    (folders["part"] / name).mkdir()
                    for path in (data.root / name).iterdir():
                        (folders["part"] / name / path.name).hardlink_to(path)
                part_files = sum(1 for _ in folders["part"].rglob("*.bin"))

                def options(root: Path, prefix: str) -> Mapping[str, str]:
                    names = {"destination": f"{prefix}out", "cache": f"{prefix}cache"}
                    return {"root": str(root), **{key: str(folders[name]) for key, name in names.items()}}

                def growth(whole: Measurement) -> Mapping[str, float]:
                    part = bench.run(client.name, client.command("snapshot", options(folders["part"], "part-")))
                    return {"rss a file": (whole.rss - part.rss) / (data.files - part_files) / _KiB}

                yield client.command("snapshot", options(data.root, ""), finish=growth)

        return run

    if data.shape.folders > 1:
        contestants = [bench.contestant(OURS, lambda: prepare(bench.deadline(OURS)))]
        targets = [at_most("rss a file", 1, "memory for each further file <= 1 KiB")]
        yield Case("hash-H", "growth", contestants, targets, data="H", shown={"rss a file": "KiB a file"})


def hash_large(bench: Workbench, name: str) -> Iterator[Case]:
    """``hash_assets_and_create_manifest`` of large files, beside two processes of xxhsum."""
    if "cold" not in bench.options.states:
        return
    data = bench.data(name)

    def rate(measurement: Measurement) -> Mapping[str, float]:
        return {"rate": data.bytes / measurement.extra.get("inner_cpu", measurement.cpu) / 1e9}

    def ours_or_existing(client: DeadlineClient) -> Prepare:
        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            with bench.empty_folder(client.name, "cache") as cache:
                yield client.command("hash_files", {"root": str(data.root), "cache": str(cache)}, finish=rate)

        return prepare

    def xxhsum() -> Prepare:
        program = bench.environments.program("xxhsum", "xxhsum")
        script = 'find "$1" -type f -print0 | xargs -0 -P2 -n"$2" "$3" -H128'
        share = -(-data.files // 2)
        argv = ["sh", "-c", script, "sh", str(data.root), str(share), str(program)]
        return simply(Command(argv, environment(bench.client_folder("xxhsum") / "home"), finish=rate))

    contestants = bench.deadline_contestants(ours_or_existing)
    contestants += [bench.contestant(peer, xxhsum) for peer in bench.chosen(["xxhsum"])]
    targets = [at_least("rate", 8), *peak_targets(name)]
    if name == "M":
        # The interpreter's start is left out: xxhsum has next to none, and it does not grow with the data.
        targets.append(of_peer("inner_wall", "xxhsum", 1.2, peer_metric="wall"))
    shown = {"inner_wall": "wall within s", "rate": "GB/s a core"}
    yield Case(f"hash-{name}", "cold", contestants, targets, data=name, shown=shown)


def _expect_entries(destination: Path, files: int) -> Mapping[str, float]:
    found = sum(path.read_bytes().count(b'"path":') for path in destination.glob("*.manifest"))
    if found != files:
        raise RunFailed(f"the manifest has {found} of {files} files")
    return {}
