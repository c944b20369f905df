"""Makes one product of all frames: an animation, a contact sheet, or a page with checksums.

A task of the step Assemble runs this, one for each product. The frames have come here from the sessions of the step
Render as job attachments.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import struct
import zlib
from pathlib import Path
from typing import Iterator, List, Sequence, Tuple

FRAMES_PER_SECOND = 12
COLUMNS = 6
SHRINK = 3
"""How many times smaller than a frame its picture on the contact sheet is."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Rendered on a local farm</title>
<style>
  body {{ background: #0b0c18; color: #d7daf0; font: 15px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 60rem }}
  img {{ display: block; margin: 1rem 0; max-width: 100% }}
  td {{ padding-right: 2rem; font-family: ui-monospace, monospace; font-size: 12px }}
  a {{ color: #9db4ff }}
</style>
<h1>{count} frames, rendered on a local farm</h1>
<img src="animation.png" alt="A planet turns, and its moons with it">
<h2>Contact sheet</h2>
<img src="contact-sheet.png" alt="All frames">
<h2>Frames</h2>
<table>
{rows}
</table>
"""


def chunks(content: bytes) -> Iterator[Tuple[bytes, bytes]]:
    """The kind and the data of each chunk of a PNG file."""
    position = len(SIGNATURE)
    while position < len(content):
        (length,) = struct.unpack_from(">I", content, position)
        yield content[position + 4 : position + 8], content[position + 8 : position + 8 + length]
        position += length + 12


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header_and_pixels(path: Path) -> Tuple[bytes, bytes]:
    """The header of a PNG file, and its pixels as they are compressed in it."""
    content = path.read_bytes()
    if not content.startswith(SIGNATURE):
        raise SystemExit(f"{path} is no PNG file.")
    parts = list(chunks(content))
    return parts[0][1], b"".join(data for kind, data in parts if kind == b"IDAT")


def animation(frames: Sequence[Path], output: Path) -> Path:
    """All frames as an animated PNG file, which plays for ever."""
    header, _ = header_and_pixels(frames[0])
    size = header[:8]
    parts = [SIGNATURE, chunk(b"IHDR", header), chunk(b"acTL", struct.pack(">II", len(frames), 0))]
    sequence = 0
    for number, frame in enumerate(frames):
        pixels = header_and_pixels(frame)[1]
        control = struct.pack(">I", sequence) + size + struct.pack(">IIHHBB", 0, 0, 1, FRAMES_PER_SECOND, 0, 0)
        parts.append(chunk(b"fcTL", control))
        sequence += 1
        if number == 0:
            parts.append(chunk(b"IDAT", pixels))
        else:
            parts.append(chunk(b"fdAT", struct.pack(">I", sequence) + pixels))
            sequence += 1
    path = output / "animation.png"
    path.write_bytes(b"".join([*parts, chunk(b"IEND", b"")]))
    return path


def small_rows(path: Path) -> List[bytes]:
    """The rows of a frame, made smaller by leaving out pixels; frames are written without filters."""
    header, pixels = header_and_pixels(path)
    width, height = struct.unpack(">II", header[:8])
    content, stride = zlib.decompress(pixels), 1 + 3 * width
    rows = [content[y * stride + 1 : (y + 1) * stride] for y in range(0, height, SHRINK)]
    return [b"".join(row[x : x + 3] for x in range(0, len(row), 3 * SHRINK)) for row in rows]


def contact_sheet(frames: Sequence[Path], output: Path) -> Path:
    """All frames side by side, in rows."""
    pictures = [small_rows(frame) for frame in frames]
    empty = [bytes(len(row)) for row in pictures[0]]
    pictures += [empty] * (-len(pictures) % COLUMNS)
    rows = []
    for start in range(0, len(pictures), COLUMNS):
        rows += [b"".join(parts) for parts in zip(*pictures[start : start + COLUMNS])]
    header = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    path = output / "contact-sheet.png"
    path.write_bytes(SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
    return path


def report(frames: Sequence[Path], output: Path) -> Path:
    """A page that shows everything, and the SHA-256 checksums as ``sha256sum --check`` reads them."""
    sums = [(hashlib.sha256(frame.read_bytes()).hexdigest(), frame) for frame in frames]
    lines = [f"{checksum}  {frame.parent.name}/{frame.name}\n" for checksum, frame in sums]
    (output / "checksums.txt").write_bytes("".join(lines).encode())
    rows = [
        f'<tr><td><a href="{frame.parent.name}/{html.escape(frame.name)}">{html.escape(frame.name)}</a>'
        f"<td>{frame.stat().st_size:,} bytes<td>{checksum}"
        for checksum, frame in sums
    ]
    path = output / "index.html"
    path.write_text(PAGE.format(count=len(frames), rows="\n".join(rows)), encoding="utf-8")
    return path


PRODUCTS = {"animation": animation, "contact-sheet": contact_sheet, "report": report}


def main() -> None:
    """Make the product that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", choices=sorted(PRODUCTS), required=True)
    parser.add_argument("--output", type=Path, required=True, help="the folder in which `frames` is")
    arguments = parser.parse_args()
    frames = sorted((arguments.output / "frames").glob("frame_*.png"))
    if not frames:
        raise SystemExit(f"There are no frames in {arguments.output / 'frames'}.")
    path = PRODUCTS[arguments.product](frames, arguments.output)
    print(f"Made {path.name} of {len(frames)} frames: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
