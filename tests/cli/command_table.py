"""What is given to each command in each situation, and what it has to answer; see ``test_every_command.py``."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Optional, Union

NO = "0" * 32
NO_FARM, NO_QUEUE, NO_FLEET, NO_WORKER, NO_JOB = (
    f"{kind}-{NO}" for kind in ("farm", "queue", "fleet", "worker", "job")
)

NOTHING, STEPS, ERRORS = "nothing", "steps", "errors"
"""What a command that fails prints on stdout: what it did before, or the error itself, where scripts know it so."""


@dataclass(frozen=True)
class No:
    """A situation in which a command cannot be, for a reason."""

    reason: str


@dataclass(frozen=True)
class Says:
    """A command's options, and what it answers to them when it fails."""

    words: str
    text: str = ""
    code: Optional[int] = None
    """Its exit code, where that is not the one of the row."""


@dataclass(frozen=True)
class Row:
    """A command, and what to give it in each situation.

    Names in braces stand for what there is in the farm, or in the test's folder, such as ``{job}`` and ``{new_folder}``.
    """

    command: str
    """Its words; those from the first option on tell rows of one command apart."""
    success: Union[str, No]
    """Its options; where these ask for JSON, stdout has to be JSON."""
    empty: Union[str, Says, No]
    missing: Union[Says, No]
    """The text is the id or path that the error names."""
    denied: Union[str, No]
    """The operation of the service that is refused, and throttled, when the command has the options of success."""
    bad: Says
    throttled: Union[Says, No, None] = None
    """Where throttling needs other options than those of success, or takes another way."""
    code: int = 1
    """The exit code of a failure."""
    stdout: str = NOTHING
    """What stdout has when it fails."""
    lines: bool = False
    """Its JSON is an object on a line for each event."""
    always_json: bool = False
    """It prints JSON also where nobody asks for it."""
    tells: bool = False
    """It tells on stderr what it does."""
    stdin: str = ""
    """What it reads when it succeeds."""


ONE = No("it shows one thing, which is there or not")
CHANGES = No("it changes one thing, which is there or not")
LOCAL = No("it calls no service")
FOLDER = No("the folder is of this machine")
WINDOW = No("a window waits for its user; the tests of the windows have it")
PATIENT = No("it makes many calls, and tries each for more than a minute before it gives up")
ABSENT = No("no distribution brings this command yet")
JSON = "--output json"
JOB = "--queue-id {idle} --job-id {job}"
XML = Says("--output xml", "'xml' is not one of", 2)


def _request(method: str, number: Optional[int] = None, **parameters: object) -> str:
    message = {"jsonrpc": "2.0", "method": method, "params": parameters}
    return json.dumps(message if number is None else {**message, "id": number}) + "\n"


ASSISTANT = _request(
    "initialize", 1, protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "test", "version": "1"}
) + _request("notifications/initialized")
"""What an assistant says when it starts a server, and nothing more."""

TABLE = [
    # Of the sign-in and the settings
    Row(
        "auth login",
        "--profile {studio}",
        LOCAL,
        Says("--profile nobody", "nobody"),
        No("it waits until the service accepts the user, who decides how long"),
        Says("", "There is no login for the AWS profile"),
    ),
    Row(
        "auth logout",
        "--profile {studio}",
        LOCAL,
        Says("--profile nobody", "nobody"),
        LOCAL,
        Says("--profil x", "--profile", 2),
    ),
    Row(
        "auth status",
        JSON,
        No("there is always an answer"),
        Says(f"--profile nobody {JSON}", "nobody"),
        "ListFarms",
        XML,
        code=0,
        stdout=ERRORS,
    ),
    Row("completion", "bash", LOCAL, LOCAL, LOCAL, Says("tcsh", "'tcsh' is not one of", 2)),
    Row(
        "config clear", "defaults.job_id", LOCAL, LOCAL, LOCAL, Says("defaults.job", "Did you mean 'defaults.job_id'?")
    ),
    Row(
        "config get",
        f"defaults.farm_id {JSON}",
        f"defaults.job_id {JSON}",
        LOCAL,
        LOCAL,
        Says("defaults.job", "Did you mean 'defaults.job_id'?"),
    ),
    Row("config gui", WINDOW, WINDOW, WINDOW, WINDOW, Says("--instal", "--install", 2)),
    Row(
        "config set",
        "settings.log_level INFO",
        LOCAL,
        LOCAL,
        LOCAL,
        Says("settings.max_retries_per_task many", "a whole number"),
    ),
    Row("config show", JSON, No("there are always settings"), LOCAL, LOCAL, XML),
    Row(
        "doctor",
        JSON,
        No("there is always a report"),
        No("it has no option for an id"),
        "GetFarm",
        Says("--timeout soon", "'soon' is not", 2),
        stdout=ERRORS,
    ),
    Row(
        "mcp-server",
        "",
        No("its tools answer for themselves"),
        No("its tools answer for themselves"),
        No("its tools answer for themselves"),
        Says("--transport http", "--transport", 2)
        if sys.version_info >= (3, 10)
        else Says("--transport http", 'pip install "deadline[mcp]"'),
        lines=True,
        always_json=True,
        stdin=ASSISTANT,
    ),
    # Of farms
    Row("farm get", JSON, ONE, Says(f"--farm-id {NO_FARM}", NO_FARM), "GetFarm", XML),
    Row("farm list", JSON, f"--region ap-south-1 {JSON}", No("it takes no id"), "ListFarms", XML),
    Row(
        "fleet get",
        f"--fleet-id {{fleet}} {JSON}",
        ONE,
        Says(f"--fleet-id {NO_FLEET}", NO_FLEET),
        "GetFleet",
        Says("--fleet-id a --queue-id b", "not both"),
    ),
    Row(
        "fleet get --queue-id",
        f"{{queue}} {JSON}",
        f"{{idle}} {JSON}",
        Says(NO_QUEUE, NO_QUEUE),
        "ListQueueFleetAssociations",
        Says(f"{NO_QUEUE} --output xml", "'xml' is not one of", 2),
    ),
    Row("fleet list", JSON, f"--farm-id {{bare}} {JSON}", Says(f"--farm-id {NO_FARM}", NO_FARM), "ListFleets", XML),
    Row(
        "queue export-credentials",
        "",
        ONE,
        Says(f"--queue-id {NO_QUEUE}", NO_QUEUE),
        "AssumeQueueRoleForUser",
        Says("--mode write", "'write' is not one of", 2),
        always_json=True,
    ),
    Row("queue get", JSON, ONE, Says(f"--queue-id {NO_QUEUE}", NO_QUEUE), "GetQueue", XML),
    Row("queue list", JSON, f"--farm-id {{bare}} {JSON}", Says(f"--farm-id {NO_FARM}", NO_FARM), "ListQueues", XML),
    Row(
        "queue paramdefs",
        JSON,
        f"--queue-id {{idle}} {JSON}",
        Says(f"--queue-id {NO_QUEUE}", NO_QUEUE),
        "ListQueueEnvironments",
        XML,
    ),
    Row(
        "queue sync-output",
        "--ignore-storage-profiles --bootstrap-lookback-minutes 60 --checkpoint-dir {new_folder} --json",
        "--ignore-storage-profiles --queue-id {empty} --checkpoint-dir {new_folder} --json",
        Says(f"--ignore-storage-profiles --checkpoint-dir {{new_folder}} --queue-id {NO_QUEUE}", NO_QUEUE),
        "GetQueue",
        Says("--bootstrap-lookback-minutes soon", "'soon' is not", 2),
        throttled=PATIENT,
    ),
    Row(
        "worker get",
        f"--fleet-id {{fleet}} --worker-id {{worker}} {JSON}",
        ONE,
        Says(f"--fleet-id {{fleet}} --worker-id {NO_WORKER}", NO_WORKER),
        "GetWorker",
        XML,
    ),
    Row(
        "worker list",
        f"--fleet-id {{fleet}} {JSON}",
        f"--fleet-id {{fleet}} --item-offset 50 {JSON}",
        Says(f"--fleet-id {NO_FLEET}", NO_FLEET),
        "SearchWorkers",
        XML,
    ),
    # Of bundles
    Row(
        "bundle list",
        f"{{bundles}} {JSON}",
        f"{{new_folder}} {JSON}",
        No("it says so on stderr and lists nothing"),
        FOLDER,
        XML,
    ),
    Row(
        "bundle list --queue",
        JSON,
        f"--queue-id {{empty}} {JSON}",
        Says(f"--queue-id {NO_QUEUE}", NO_QUEUE),
        "GetQueue",
        XML,
    ),
    Row("bundle info", f"{{bundle}} {JSON}", ONE, Says("no/such/bundle", "no/such/bundle"), FOLDER, XML),
    Row(
        "bundle info --queue",
        f"{{shared}} {JSON}",
        ONE,
        Says("no-such-bundle", "no-such-bundle"),
        "GetQueue",
        Says("", "Missing argument", 2),
    ),
    Row(
        "bundle upload",
        f"{{bundle}} --name {{unique}} --yes {JSON}",
        CHANGES,
        Says(f"{{bundle}} --yes --queue-id {NO_QUEUE}", NO_QUEUE),
        "GetQueue",
        Says("no/such/bundle", "no/such/bundle"),
    ),
    Row(
        "bundle download",
        f"{{shared}} --output-dir {{new_folder}} --yes {JSON}",
        ONE,
        Says("no-such-bundle --output-dir {new_folder} --yes", "no-such-bundle"),
        "GetQueue",
        Says("", "Missing argument", 2),
    ),
    Row(
        "bundle hide",
        f"{{shared}} {JSON}",
        CHANGES,
        Says("no-such-bundle", "no-such-bundle"),
        "GetQueue",
        Says("", "Missing argument", 2),
    ),
    Row(
        "bundle unhide",
        f"{{shared}} {JSON}",
        CHANGES,
        No("what is not there is not hidden, which is what was wanted"),
        "GetQueue",
        Says("", "Missing argument", 2),
    ),
    Row(
        "bundle submit",
        "{bundle} --yes",
        CHANGES,
        Says("no/such/bundle --yes", "no/such/bundle"),
        "CreateJob",
        Says("--yes", "Missing argument", 2),
        stdout=STEPS,
    ),
    Row(
        "bundle submit --output json",
        "{bundle} --yes",
        CHANGES,
        Says(f"{{bundle}} --yes --queue-id {NO_QUEUE}", NO_QUEUE),
        "CreateJob",
        Says("--yes", "Missing argument", 2),
        tells=True,
    ),
    Row("bundle gui-submit", ABSENT, ABSENT, ABSENT, ABSENT, Says("", "deadline-gui")),
    # Of jobs
    Row(
        "job archive",
        f"--queue-id {{idle}} --job-id {{suspended}} --yes {JSON}",
        CHANGES,
        Says(f"--job-id {NO_JOB} --yes", NO_JOB),
        "GetJob",
        XML,
    ),
    Row(
        "job cancel",
        f"{JOB} --yes {JSON}",
        CHANGES,
        Says(f"--job-id {NO_JOB} --yes", NO_JOB),
        "GetJob",
        Says("--mark-as done", "'done' is not one of", 2),
    ),
    Row(
        "job download-input",
        f"--job-id {{ended}} --yes {JSON}",
        f"--job-id {{failed}} --yes {JSON}",
        Says(f"--job-id {NO_JOB}", NO_JOB),
        "GetJob",
        XML,
        stdout=ERRORS,
        lines=True,
    ),
    Row(
        "job download-output",
        f"--job-id {{ended}} --yes {JSON}",
        f"--job-id {{failed}} --yes {JSON}",
        Says(f"--job-id {NO_JOB}", NO_JOB),
        "GetJob",
        XML,
        stdout=ERRORS,
        lines=True,
    ),
    Row(
        "job get",
        f"{JOB} {JSON}",
        f"nothing-is-named-so --queue-id {{empty}} {JSON}",
        Says(f"--job-id {NO_JOB}", NO_JOB),
        "GetJob",
        XML,
    ),
    Row(
        "job list",
        f"--queue-id {{idle}} {JSON}",
        f"--queue-id {{empty}} {JSON}",
        Says(f"--queue-id {NO_QUEUE}", NO_QUEUE),
        "SearchJobs",
        Says("--page-size many", "'many' is not", 2),
    ),
    Row(
        "job logs",
        f"--job-id {{ended}} {JSON}",
        Says(JOB, "{job}"),
        Says(f"--job-id {NO_JOB}", NO_JOB),
        "ListSessions",
        Says("--start-time soon", "soon", 2),
    ),
    Row(
        "job requeue-tasks",
        f"{JOB} --yes {JSON}",
        f"{JOB} --run-status FAILED --yes {JSON}",
        Says(f"--job-id {NO_JOB} --yes", NO_JOB),
        "GetJob",
        Says("--run-status DONE", "'DONE' is not one of", 2),
    ),
    Row("job resume", f"{JOB} --yes {JSON}", CHANGES, Says(f"--job-id {NO_JOB} --yes", NO_JOB), "GetJob", XML),
    Row("job suspend", f"{JOB} --yes {JSON}", CHANGES, Says(f"--job-id {NO_JOB} --yes", NO_JOB), "GetJob", XML),
    Row(
        "job trace-schedule",
        f"--job-id {{ended}} {JSON}",
        Says(JOB, "{job}"),
        Says(f"--job-id {NO_JOB}", NO_JOB),
        "ListSessions",
        Says("--trace-format xml", "'xml' is not", 2),
        throttled=PATIENT,
    ),
    Row(
        "job update",
        f"{JOB} --priority 60 --yes {JSON}",
        CHANGES,
        Says(f"--job-id {NO_JOB} --priority 60 --yes", NO_JOB),
        "UpdateJob",
        Says("--priority high", "'high' is not", 2),
    ),
    Row(
        "job wait",
        f"--job-id {{ended}} {JSON}",
        ONE,
        Says(f"--job-id {NO_JOB} {JSON}", NO_JOB),
        "GetJob",
        Says("--timeout soon", "'soon' is not", 2),
        throttled=Says(f"--job-id {{ended}} --timeout 1 {JSON}", code=1),
        code=2,
        stdout=ERRORS,
    ),
    Row(
        "job watch",
        f"--job-id {{ended}} {JSON}",
        ONE,
        Says(f"--job-id {NO_JOB} {JSON}", NO_JOB),
        "GetJob",
        Says("--timeout soon", "'soon' is not", 2),
        throttled=Says(f"--job-id {{ended}} --timeout 1 {JSON}", code=1),
        code=2,
        stdout=ERRORS,
        lines=True,
    ),
    Row("job why", f"{JOB} {JSON}", ONE, Says(f"--job-id {NO_JOB}", NO_JOB), "GetJob", XML, throttled=PATIENT),
    Row(
        "handle-web-url",
        "{address_of_ended}",
        ONE,
        Says(f"deadline://download-output?farm-id={{farm}}&queue-id={{queue}}&job-id={NO_JOB}", NO_JOB),
        "GetJob",
        Says("https://example.invalid/", "deadline://"),
    ),
    # Of attachments
    Row(
        "manifest snapshot",
        "--root {root} --destination {new_folder} --json",
        No("it makes no manifest and prints nothing, as scripts know it"),
        Says("--root no/such/root --destination {new_folder}", "no/such/root"),
        LOCAL,
        Says("", "Missing option '--root'", 2),
    ),
    Row(
        "manifest diff",
        "--root {root} --manifest {manifest} --json",
        "--root {new_folder} --manifest {manifest} --json",
        Says("--root {root} --manifest no/such.manifest", "no/such.manifest"),
        LOCAL,
        Says("", "Missing option", 2),
    ),
    Row(
        "manifest download",
        "{new_folder} --job-id {ended} --json",
        "{new_folder} --job-id {failed} --json",
        Says(f"{{new_folder}} --job-id {NO_JOB}", NO_JOB),
        "GetJob",
        Says("", "Missing argument", 2),
    ),
    Row(
        "manifest upload",
        "{manifest} --json",
        CHANGES,
        Says("no/such.manifest", "no/such.manifest"),
        "GetQueue",
        Says("", "Missing argument", 2),
    ),
    Row(
        "attachment upload",
        "--manifests {manifest} --root-dirs {root} --json",
        CHANGES,
        Says("--manifests no/such.manifest --root-dirs {root}", "no/such.manifest"),
        "GetQueue",
        Says("", "Missing option", 2),
    ),
    Row(
        "attachment download",
        "--manifests {sent} --json",
        CHANGES,
        Says("--manifests no/such.manifest", "no/such.manifest"),
        "GetQueue",
        Says("", "Missing option", 2),
    ),
]
