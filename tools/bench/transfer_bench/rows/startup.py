"""What one pays before anything happens: imports, and the command line's first answers."""

from __future__ import annotations

from typing import Iterator, Mapping

from ..clients import DeadlineClient, environment
from ..errors import BenchError
from ..model import Case, Command, Finish, Measurement
from ..targets import of_peer
from ..workbench import EXISTING, Prepare, Workbench, simply

IMPORTS = ("deadline.job_attachments", "deadline.job_attachments.upload")
COMMANDS = {
    "--version": 1 / 3,
    "config get defaults.farm_id": 1 / 3,
    "--help": 1 / 2,
    "job download-output --help": 1 / 2,
}
"""Commands that answer without the network, each with the share of the existing client's time that it may take."""
RUNS = 7
"""At least so many rounds: the runs are short and scatter."""


def startup(bench: Workbench) -> Iterator[Case]:
    """Imports, over the bare interpreter's start, and commands that answer without the network."""
    if "cold" not in bench.options.states:
        return
    runs = max(RUNS, bench.options.runs)

    def over_nothing(client: DeadlineClient) -> Finish:
        bare = Command([str(client.python), "-c", "pass"], environment(client.home))

        def finish(measurement: Measurement) -> Mapping[str, float]:
            return {"over pass": measurement.wall - bench.run(client.name, bare).wall}

        return finish

    for module in IMPORTS:

        def importing(client: DeadlineClient, module: str = module) -> Prepare:
            argv = [str(client.python), "-c", f"import {module}"]
            return simply(Command(argv, environment(client.home), finish=over_nothing(client)))

        shown = {"over pass": "over pass s"}
        yield Case("startup", f"import {module}", bench.deadline_contestants(importing), shown=shown, runs=runs)

    for words, share in COMMANDS.items():

        def answering(client: DeadlineClient, words: str = words) -> Prepare:
            program = client.python.with_name("deadline")
            if not program.exists():
                raise BenchError(f"{program.name} is not installed beside {client.python}")
            return simply(Command([str(program), *words.split()], environment(client.home)))

        targets = [of_peer("wall", EXISTING, share), of_peer("cpu", EXISTING, share)]
        yield Case("startup", f"deadline {words}", bench.deadline_contestants(answering), targets, runs=runs)
