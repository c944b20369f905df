"""The command line: choose rows, measure, print."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import signal
import sys
from pathlib import Path
from typing import Any, Iterator, Optional, Sequence

from . import report
from .errors import BenchError
from .machine import machine_facts, versions
from .model import Case, Result
from .rounds import take_turns
from .rows import ROWS
from .workbench import PEERS, STATES, TRANSPORTS, Options, Workbench

ROOT = Path(__file__).resolve().parents[3]

EPILOG = """\
rows:
{rows}

Peers that need installing get environments of their own below the cache folder, by uv; rclone and xxhsum are taken from
the PATH. What cannot be had is named in the table. Figures are medians; wall and CPU seconds, and the peak resident
memory of the largest process, are the operating system's account of the whole process tree of a client, its start
included. A ratio is our figure over the peer's: below 1 we need less.

  uv run python tools/bench --only upload-S,hash-H
  uv run python tools/bench --scale 0.01 --json result.json
"""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """0 when all of ours was measured, 1 when some was not, 2 for a wrong command line, 130 when interrupted."""
    chosen = _parser().parse_args(arguments)
    if chosen.list:
        print("\n".join(f"{name:<12}{about}" for name, (about, _) in ROWS.items()))
        return 0
    options = Options(
        cache=chosen.cache,
        scale=chosen.scale,
        runs=chosen.runs,
        timeout=chosen.timeout,
        peers=chosen.peers,
        states=chosen.states,
        transports=chosen.transports,
        # Not resolved: a virtual environment's interpreter is a link, and is known by where the link is.
        ours=chosen.ours.absolute(),
    )
    results: list[Result] = []
    about: dict[str, Any] = {}
    interrupted = False
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Workbench(options, _say) as bench:
            try:
                for name in chosen.only:
                    for result in measure_row(bench, name):
                        # One by one, so that an interrupt leaves what was measured.
                        results.append(result)
            except KeyboardInterrupt:
                interrupted = True
                _say("interrupted; what was measured before:")
            about.update(_about(bench, results))
    except BenchError as error:
        sys.stderr.write(f"The benchmark could not go on: {error}\n")
        return 1
    _print(results, about, chosen.json)
    if interrupted:
        return 130
    if not results:
        sys.stderr.write("None of the rows has a case in the states and transports that were chosen.\n")
    return 1 if report.ours_failed(results) or not results else 0


def measure_row(bench: Workbench, name: str) -> Iterator[Result]:
    """Measure the cases of a row, one after another; a row that cannot be set up gives a result that says why."""
    with contextlib.closing(_cases(bench, name)) as cases:
        try:
            for case in cases:
                bench.say(case.title)
                runs = case.runs or bench.options.runs
                yield Result(case, take_turns(case.contestants, runs, bench.run, lambda text: bench.say(f"  {text}")))
        except (BenchError, OSError) as error:
            bench.say(f"{name} failed: {error}")
            yield Result(Case(name, "", ()), {}, str(error))


def _cases(bench: Workbench, name: str) -> Any:
    return ROWS[name][1](bench)


def _about(bench: Workbench, results: Sequence[Result]) -> dict[str, Any]:
    options = bench.options
    seen = {client for result in results for client in result.outcomes}
    return {
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine_facts(),
        "versions": versions(bench, [peer for peer in PEERS if peer in seen]),
        "left_out": [peer for peer in PEERS if peer not in options.peers],
        "scale": options.scale,
        "runs": options.runs,
        "page_cache": "warm",
    }


def _print(results: Sequence[Result], about: dict[str, Any], destination: Optional[str]) -> None:
    lines = [f"{name}: {value}" for name, value in about.get("machine", {}).items()]
    lines += [f"{client}: {version}" for client, version in about.get("versions", {}).items()]
    if about.get("left_out"):
        lines.append(f"left out by choice: {', '.join(about['left_out'])}")
    lines.append(f"medians of {about.get('runs')} interleaved runs, page cache warm, scale {about.get('scale')}")
    if about.get("scale") != 1:
        lines.append("The targets are meant for scale 1.")
    text = "\n".join(lines) + f"\n\n{report.table(results)}\n"
    # JSON alone where it goes to the standard output.
    (sys.stderr if destination == "-" else sys.stdout).write(text)
    if destination is not None:
        document = json.dumps(report.as_json(results, about), indent=2) + "\n"
        if destination == "-":
            sys.stdout.write(document)
        else:
            Path(destination).write_text(document, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    rows = "\n".join(f"  {name:<12}{about}" for name, (about, _) in ROWS.items())
    parser = argparse.ArgumentParser(
        prog="tools/bench",
        description="Time the transfer engine against the existing client, s5cmd, aws, rclone and xxhsum on this machine.",
        epilog=EPILOG.format(rows=rows),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", type=_some_of(ROWS), default=list(ROWS), metavar="ROW,...", help="rows to measure")
    parser.add_argument("--list", action="store_true", help="name the rows and end")
    parser.add_argument("--runs", type=_runs, default=3, metavar="N", help="interleaved runs of each client (3)")
    parser.add_argument("--scale", type=_scale, default=1.0, metavar="X", help="of the data sets, up to 1 (1)")
    parser.add_argument(
        "--state", dest="states", type=_some_of(STATES), default=STATES, metavar="STATE,...", help="cold, warm, lost"
    )
    parser.add_argument(
        "--transport", dest="transports", type=_some_of(TRANSPORTS), default=TRANSPORTS, metavar="T,...",
        help="plain, tls",
    )  # fmt: skip
    parser.add_argument(
        "--peers", type=_some_of(PEERS, none=True), default=PEERS, metavar="PEER,...",
        help=f"{', '.join(PEERS)}, or none",
    )  # fmt: skip
    parser.add_argument("--timeout", type=_scale_free, default=1800.0, metavar="S", help="seconds for one run (1800)")
    parser.add_argument("--json", metavar="FILE", help="write the results as JSON; - for the standard output")
    parser.add_argument(
        "--ours", type=Path, default=Path(sys.executable), metavar="PYTHON",
        help="an interpreter with our packages, to measure an installed version (the one that runs this)",
    )  # fmt: skip
    parser.add_argument(
        "--cache", type=Path, default=ROOT / ".cache" / "bench", metavar="FOLDER",
        help="for data sets, environments and the server; on a disk, not in memory (.cache/bench)",
    )  # fmt: skip
    return parser


def _some_of(names: Any, *, none: bool = False) -> Any:
    def parse(text: str) -> list[str]:
        chosen = [] if none and text == "none" else [word for word in text.split(",") if word]
        unknown = [word for word in chosen if word not in names]
        if unknown or not (chosen or none):
            raise argparse.ArgumentTypeError(f"{', '.join(unknown) or 'nothing'}; there are {', '.join(names)}")
        return chosen

    return parse


def _runs(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1")
    return int(text)


def _scale(text: str) -> float:
    value = _scale_free(text)
    if value > 1:
        raise argparse.ArgumentTypeError(f"{text} is above 1")
    return value


def _scale_free(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
