"""What adaptors of rendering programs take from this library."""

from __future__ import annotations

import re
from typing import List

_RANGE = re.compile(r"(-?[0-9]+)(?:-(-?[0-9]+)(?::(-?[0-9]+))?)?", re.ASCII)


def parse_frame_range(frame_string: str) -> List[int]:
    """The frames of one range: ``5``, ``1-10``, ``1-10:3`` or ``10-1:-3``; the last frame is included.

    Without a step the frames go up or down by one.

    Raises:
        ValueError: The text is no range, or the step is 0 or leads away from the last frame.
    """
    match = _RANGE.fullmatch(frame_string)
    if not match:
        raise ValueError(f"{frame_string!r} is not a frame, first-last or first-last:step.")
    start = int(match.group(1))
    stop = start if match.group(2) is None else int(match.group(2))
    step = int(match.group(3)) if match.group(3) else (1 if stop >= start else -1)
    if step == 0:
        raise ValueError(f"The step of the frame range {frame_string!r} is 0.")
    if (stop - start) * step < 0:
        raise ValueError(f"The step of the frame range {frame_string!r} leads away from its last frame.")
    return list(range(start, stop + (1 if step > 0 else -1), step))
