"""What the rows work with: data sets, clients, the server, and folders for each contestant."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sys
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Callable, Iterator, Optional, Sequence

from . import datasets, measure
from .clients import AwsCli, CopyTool, DeadlineClient, Rclone, S5cmd
from .datasets import DataSet
from .environments import Environments
from .errors import BenchError
from .model import OURS, Command, Contestant, Measurement
from .server import PLAIN, TLS, Server, running_server
from .sts import running_sts

EXISTING = "existing"
PEERS = (EXISTING, "s5cmd", "aws", "rclone", "xxhsum", "awscrt")
STATES = ("cold", "warm", "lost")
TRANSPORTS = (PLAIN, TLS)
COPY_TOOLS = ("s5cmd", "aws", "rclone")

Prepare = Callable[[], "contextlib.AbstractContextManager[Command]"]


@dataclass(frozen=True)
class Options:
    """What the user chose; see ``--help``."""

    cache: Path
    scale: float = 1.0
    runs: int = 3
    timeout: float = 1800.0
    peers: Sequence[str] = PEERS
    states: Sequence[str] = STATES
    transports: Sequence[str] = TRANSPORTS
    ours: Path = field(default_factory=lambda: Path(sys.executable))


class Workbench:
    """Use it as a context; what rows ask for first is made then, and ends with the context."""

    def __init__(self, options: Options, say: Callable[[str], None] = lambda _: None) -> None:
        self.options = options
        self.say = say
        self.environments = Environments(options.cache / "environments", say)
        self._stack = contextlib.ExitStack()
        self._numbers = itertools.count(1)

    def __enter__(self) -> Workbench:
        _remove_left_over(self.options.cache)
        self.folder.mkdir(parents=True)
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @cached_property
    def folder(self) -> Path:
        """For this run of the bench alone."""
        return self.options.cache.absolute() / f"run-{os.getpid()}"

    @cached_property
    def server(self) -> Server:
        self.say("starting the S3 server")
        return self._stack.enter_context(running_server(self.folder / "server"))

    @cached_property
    def sts_url(self) -> str:
        return self._stack.enter_context(running_sts())

    def data(self, name: str) -> DataSet:
        """A data set, in the page cache."""
        data = datasets.data_set(self.options.cache.absolute() / "data", name, self.options.scale, self.say)
        data.read()
        return data

    def manifest_text(self, entries: int) -> Path:
        return datasets.manifest_text(self.options.cache.absolute() / "data", entries)

    def run(self, client: str, command: Command) -> Measurement:
        """Run a contestant's command, with nothing of earlier runs still on its way to the disk."""
        os.sync()
        return measure.run(command, self.client_folder(client) / "output", self.options.timeout)

    def client_folder(self, client: str) -> Path:
        """The contestant's own folder."""
        folder = self.folder / client.replace(" ", "-")
        (folder / "home").mkdir(parents=True, exist_ok=True)
        return folder

    @contextlib.contextmanager
    def empty_folder(self, client: str, name: str, *, stays: bool = False) -> Iterator[Path]:
        """An empty folder of the contestant's, gone afterwards, or at the end of the bench where it ``stays``.

        Thousands of files have to stay: ext4 takes no inode that was freed in the last minutes, and looks at each of them
        whenever it needs another. The run after a deletion would be measured with that.
        """
        folder = self.client_folder(client) / (f"{name}-{next(self._numbers)}" if stays else name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            if not stays:
                shutil.rmtree(folder, ignore_errors=True)

    def chosen(self, peers: Sequence[str]) -> list[str]:
        """Those of ``peers`` that the user wants."""
        return [peer for peer in peers if peer in self.options.peers]

    def deadline(self, client: str) -> DeadlineClient:
        """Our implementation or the existing one; raises :class:`BenchError` where it cannot be had."""
        python = self.options.ours if client != EXISTING else self.environments.program(EXISTING, "python")
        return DeadlineClient(client, python, self.client_folder(client) / "home", self.sts_url)

    def copy_tool(self, peer: str) -> CopyTool:
        """A tool that copies folders to S3; raises :class:`BenchError` where it cannot be had."""
        make: dict[str, Callable[[Path, Path], CopyTool]] = {"s5cmd": S5cmd, "aws": AwsCli, "rclone": Rclone}
        return make[peer](self.environments.program(peer, peer), self.client_folder(peer) / "home")

    def deadline_contestants(self, prepare: Callable[[DeadlineClient], Prepare]) -> list[Contestant]:
        """Ours, and the existing client where it is wanted."""

        def preparing(client: str) -> Prepare:
            return prepare(self.deadline(client))

        return [self.contestant(client, partial(preparing, client)) for client in (OURS, *self.chosen([EXISTING]))]

    def copy_contestants(self, peers: Sequence[str], prepare: Callable[[CopyTool], Prepare]) -> list[Contestant]:
        """Those of the copying tools that are wanted."""

        def preparing(peer: str) -> Prepare:
            return prepare(self.copy_tool(peer))

        return [self.contestant(peer, partial(preparing, peer)) for peer in self.chosen(peers)]

    def contestant(self, client: str, preparing: Callable[[], Prepare]) -> Contestant:
        """A contestant of any kind; ``preparing`` may raise :class:`BenchError` where it cannot be had."""
        try:
            return Contestant(client, preparing())
        except BenchError as error:
            return Contestant(client, missing=str(error))


def simply(command: Command) -> Prepare:
    """For runs that need no preparation."""
    return lambda: contextlib.nullcontext(command)


def _remove_left_over(cache: Path) -> None:
    """Remove the folders of benches that were killed."""
    for folder in cache.glob("run-*"):
        pid = _number(folder.name.partition("-")[2])
        if pid is not None and not _is_running(pid):
            shutil.rmtree(folder, ignore_errors=True)


def _number(text: str) -> Optional[int]:
    return int(text) if text.isdigit() else None


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
