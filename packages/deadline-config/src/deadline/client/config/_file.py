"""Where the settings file is, and how it is read and written without loss.

The file is INI text in UTF-8, read and written by other programs too (the Deadline Cloud monitor among them). A write
goes to a temporary file that is renamed over the old one, so that a reader sees the old or the new text and never half
of one; :func:`locked` keeps two processes from overwriting each other's changes.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
import time
from configparser import DEFAULTSECT, ConfigParser, Error, MissingSectionHeaderError, ParsingError
from pathlib import Path
from typing import Iterator, Set, Tuple

from deadline.client.exceptions import DeadlineOperationError

CONFIG_FILE_PATH = os.path.join("~", ".deadline", "config")
CONFIG_FILE_PATH_ENV_VAR = "DEADLINE_CONFIG_FILE_PATH"

_Stamp = Tuple[str, int, int, int]
_cached: tuple[_Stamp, ConfigParser] | None = None
_RENAME_ATTEMPTS = 5

LOCK_SECONDS = 20
"""How long to wait for others who change the settings, which takes them milliseconds."""

_this_process = threading.RLock()
_held: Set[Path] = set()


def get_config_file_path() -> Path:
    """The settings file: what ``DEADLINE_CONFIG_FILE_PATH`` names, else ``~/.deadline/config``."""
    return Path(os.path.expanduser(os.environ.get(CONFIG_FILE_PATH_ENV_VAR) or CONFIG_FILE_PATH))


def new_parser() -> ConfigParser:
    """An empty configuration. A ``%`` in a value is a plain character: proxy URLs need it."""
    return ConfigParser(interpolation=None)


def copy_of(config: ConfigParser) -> ConfigParser:
    """A configuration with the same content that can be changed on its own."""
    copy = new_parser()
    shared = dict(config.defaults())
    copy.read_dict({DEFAULTSECT: shared})
    for name in config.sections():
        # A section shows the entries of [DEFAULT] as if they were its own.
        own = {key: text for key, text in config.items(name, raw=True) if shared.get(key) != text}
        copy.read_dict({name: own})
    return copy


def read_config() -> ConfigParser:
    """The settings file as it is now; a missing file is an empty configuration.

    The caller owns the object: changing it changes no later call's result. Raises :class:`DeadlineOperationError`,
    with the line and how to mend it, when the file cannot be understood.
    """
    global _cached
    path = get_config_file_path()
    stamp = _stamp_of(path)
    if stamp is None:
        return new_parser()
    cached = _cached
    if cached is None or cached[0] != stamp:
        cached = (stamp, _parse(path))
        _cached = cached
    return copy_of(cached[1])


def write_config(config: ConfigParser) -> None:
    """Save ``config`` as the settings file, readable by its owner only.

    A file that is a symbolic link stays one; its target is replaced. Raises :class:`DeadlineOperationError` when the
    file cannot be written, and leaves the old one as it was.
    """
    # The link itself must survive, and the rename has to stay within one file system: write beside the target.
    path = Path(os.path.realpath(get_config_file_path()))
    temporary: str | None = None
    try:
        _make_private_folder(path.parent)
        handle, temporary = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            config.write(file)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
        temporary = None
    except UnicodeEncodeError as error:
        raise DeadlineOperationError(
            f"The settings could not be saved to {path}: a value has characters in it that are no text."
        ) from error
    except OSError as error:
        raise DeadlineOperationError(
            f"The settings could not be saved to {path}: {error.strerror or error}. "
            f"Check that you may write there, or choose another file with {CONFIG_FILE_PATH_ENV_VAR}."
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Hold the settings against changes by other processes and threads, from reading to writing.

    The lock is a file beside the settings file; it goes away with the process, however that ends. A thread may take it
    again while it has it.

    Raises:
        DeadlineOperationError: The lock cannot be made, or another program keeps it.
    """
    path = Path(os.path.realpath(get_config_file_path()))
    if not _this_process.acquire(timeout=LOCK_SECONDS):
        raise _kept_locked(path)
    try:
        if path in _held:
            yield
            return
        handle = _open_lock(path)
        try:
            if not _lock(handle):
                raise _kept_locked(path)
            _held.add(path)
            yield
        finally:
            _held.discard(path)
            os.close(handle)
    finally:
        _this_process.release()


def _open_lock(path: Path) -> int:
    try:
        _make_private_folder(path.parent)
        return os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DeadlineOperationError(
            f"The settings file {path} could not be locked for a change: {error.strerror or error}. Check that you may "
            f"write in its folder, or choose another file with {CONFIG_FILE_PATH_ENV_VAR}."
        ) from error


def _lock(handle: int) -> bool:
    """Lock the file, or return ``False`` when others have kept it for too long."""
    end = time.monotonic() + LOCK_SECONDS
    pause = 0.001
    while not _try_lock(handle):
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
    return True


def _kept_locked(path: Path) -> DeadlineOperationError:
    return DeadlineOperationError(
        f"The settings file {path} was kept locked by another program for {LOCK_SECONDS} seconds. Look for one that was "
        "stopped while it changed the settings, end it, and try again."
    )


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # Some network file systems know no locks: a lost update there is better than no settings at all.
            return True
        return True


def _stamp_of(path: Path) -> _Stamp | None:
    """What tells one state of the file from another, or ``None`` where there is no file."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error) from error
    return (str(path), status.st_mtime_ns, status.st_size, status.st_ino)


def _parse(path: Path) -> ConfigParser:
    config = new_parser()
    try:
        # Editors on Windows like to begin a file with a byte order mark.
        config.read_string(path.read_text(encoding="utf-8-sig"), source=str(path))
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DeadlineOperationError(
            f"The settings file {path} is not UTF-8 text (line {line}). Save it again as UTF-8, or move it away to "
            "begin with the defaults."
        ) from error
    except Error as error:
        raise DeadlineOperationError(
            f"The settings file {path} cannot be understood: {_explain(error)} Mend that line in a text editor, or "
            "move the file away to begin with the defaults."
        ) from None  # the parser's own error repeats the line, which may hold a password
    return config


def _unreadable(path: Path, error: OSError) -> DeadlineOperationError:
    return DeadlineOperationError(
        f"The settings file {path} cannot be read: {error.strerror or error}. Make it readable for your user, or "
        f"choose another file with {CONFIG_FILE_PATH_ENV_VAR}."
    )


def _explain(error: Error) -> str:
    if isinstance(error, MissingSectionHeaderError):
        return f"line {error.lineno} stands before the first [section]."
    if isinstance(error, ParsingError) and error.errors:
        # Not what it says, which may be a password.
        number, _ = error.errors[0]
        return f"line {number} is neither a [section] nor a `name = value`."
    line = getattr(error, "lineno", None)
    text = error.message.split("]: ", 1)[-1].rstrip(".")
    return f"line {line}: {text}." if line else f"{text}."


def _make_private_folder(folder: Path) -> None:
    """Make the folder where it is missing, for the user alone (on Windows a profile folder is so by inheritance)."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def _replace(source: str, target: Path) -> None:
    for attempt in range(1, _RENAME_ATTEMPTS + 1):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            # On Windows another process may have the file open for a moment.
            if os.name != "nt" or attempt == _RENAME_ATTEMPTS:
                raise
            time.sleep(0.05 * attempt)
