"""How the program ends when something goes wrong: a sentence for people, an exit code for scripts."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import traceback
from typing import IO, Any, Iterator, Optional

import click

from deadline.client.exceptions import DeadlineOperationError, ManifestOutdatedError, NonValidInputError

FAILED = 1
INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of the signal."""


class Interrupted(click.ClickException):
    """Ctrl-C was heeded; the message says how far things had come."""

    exit_code = INTERRUPTED

    def show(self, file: Optional[IO[Any]] = None) -> None:
        """Print the message, which is no error."""
        click.echo(self.format_message(), file=file, err=file is None)


@contextlib.contextmanager
def reported() -> Iterator[None]:
    """Turn any error of the block into a message on stderr and an exit code, and end the process then."""
    try:
        yield
    except BrokenPipeError:
        _leave_closed_pipe()
        sys.exit(FAILED)
    except click.ClickException as error:
        log_traceback()
        error.show()
        sys.exit(error.exit_code)
    except click.Abort as error:
        # click raises it for Ctrl-C at a question, and for a terminal that was closed or Ctrl-D.
        if isinstance(error.__context__, EOFError):
            click.echo("\nThe question was not answered; nothing was done.", err=True)
            sys.exit(FAILED)
        # Where it stands for Ctrl-C elsewhere, it has begun a new line already.
        _say_interrupted("" if isinstance(error.__cause__, KeyboardInterrupt) else "\n")
    except KeyboardInterrupt:
        _say_interrupted("\n")
    except Exception as error:
        log_traceback()
        click.echo(explain(error), err=True)
        sys.exit(FAILED)


def explain(error: Exception) -> str:
    """An error as a sentence for people."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, _expected_errors()):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else f"{error.strerror}."
    if isinstance(error, UnicodeEncodeError) and error.encoding.lower() != "utf-8":
        return (
            f"The characters {error.object[error.start : error.end]!r} have no place in the encoding of this locale, "
            f"{error.encoding}. Choose a locale of UTF-8, such as LC_ALL=C.UTF-8, or set PYTHONUTF8=1."
        )
    if type(error) is ValueError and str(error).startswith("Invalid endpoint: "):  # as botocore has it
        return (
            f"{error}. Check the variables whose names begin with AWS_ENDPOINT_URL, and endpoint_url in the AWS profile; an "
            "address begins with https://"
        )
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, (BotoCoreError, ClientError)):
        from deadline.client.api.errors import describe_service_error

        return str(describe_service_error("reach AWS", error))
    return (
        f"An unexpected error occurred: {type(error).__name__}: {error}\n"
        "Run the command with `deadline --log-level DEBUG ...` to see where."
    )


def _expected_errors() -> tuple[type[Exception], ...]:
    """Errors whose messages are for people; job attachments' only where they are loaded, for they load boto3."""
    own = (DeadlineOperationError, ManifestOutdatedError, NonValidInputError)
    module = sys.modules.get("deadline.job_attachments.exceptions")
    return own if module is None else (*own, module.AssetSyncError, module.JobAttachmentsError)


def log_traceback() -> None:
    """Where debug logging is on, show where the error that is being handled comes from."""
    if logging.getLogger().isEnabledFor(logging.DEBUG):
        traceback.print_exc()


def _say_interrupted(before: str) -> None:
    click.echo(f"{before}Interrupted.", err=True)
    sys.exit(INTERRUPTED)


def _leave_closed_pipe() -> None:
    """Whoever read our output has seen enough; Python would complain when it flushes stdout at the end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
