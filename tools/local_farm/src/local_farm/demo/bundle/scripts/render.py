"""Renders one frame of a planet and its moons as a PNG file, with nothing but the standard library.

A task of the step Render runs this, one for each frame.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import struct
import time
import zlib
from pathlib import Path
from typing import Any, List, Sequence, Tuple

Vector = Tuple[float, float, float]
Texture = List[List[float]]

AMBIENT = 0.05
GLOW = 1.13
"""How far a planet's air reaches, in its radii."""


class Body:
    """A sphere at its place in one frame; x to the right, y up, z towards the viewer."""

    def __init__(self, description: dict[str, Any], textures: Path, moment: float) -> None:
        self.name: str = description["name"]
        self.radius: float = description["radius"]
        self.centre = _place(description, moment)
        self.tilt: float = description["tilt"]
        self.turned = (moment * description["turns"]) % 1.0
        self.texture = read_texture(textures / description["texture"])
        self.clouds = read_texture(textures / description["clouds"]) if "clouds" in description else None
        self.glow = description.get("glow")
        self.colours = _palette(description["palette"])

    def shades(self, point: Vector, light: Vector) -> bool:
        """Whether the body stands between a point and the light."""
        to_centre = [c - p for c, p in zip(self.centre, point)]
        along = sum(a * b for a, b in zip(to_centre, light))
        return along > 0 and sum(a * a for a in to_centre) - along * along < self.radius * self.radius


def _place(description: dict[str, Any], moment: float) -> Vector:
    orbit = description.get("orbit")
    if orbit is None:
        x, y, z = description["centre"]
        return float(x), float(y), float(z)
    angle = 2 * math.pi * (orbit["start"] + orbit["turns"] * moment)
    return orbit["radius"] * math.sin(angle), orbit["height"] * math.sin(angle), orbit["radius"] * math.cos(angle)


def _palette(stops: Sequence[Any]) -> list[Sequence[float]]:
    """A colour for each value from 0 to 100."""
    colours: list[Sequence[float]] = []
    for value in range(101):
        below = max((stop for stop in stops if stop[0] <= value), key=lambda stop: stop[0])
        above = min((stop for stop in stops if stop[0] > value), key=lambda stop: stop[0], default=below)
        share = (value - below[0]) / (above[0] - below[0]) if above is not below else 0.0
        colours.append([a + (b - a) * share for a, b in zip(below[1], above[1])])
    return colours


def read_texture(path: Path) -> Texture:
    """The rows of a PGM file with plain numbers, as values from 0 to 100; the first column once more at the end."""
    words = [word for line in path.read_text(encoding="ascii").splitlines() for word in line.partition("#")[0].split()]
    if words[0] != "P2":
        raise SystemExit(f"{path} is no PGM file with plain numbers: it begins with {words[0]!r}.")
    width, height, largest = int(words[1]), int(words[2]), int(words[3])
    values = [int(word) * 100 / largest for word in words[4:]]
    rows = [values[row * width : (row + 1) * width] for row in range(height)]
    return [[*row, row[0]] for row in rows]


def sample(texture: Texture, across: float, down: float) -> float:
    """The value between the four nearest points; both coordinates go from 0 to 1."""
    x, y = across * (len(texture[0]) - 1), down * (len(texture) - 1)
    column, row = int(x), int(y)
    u, v = x - column, y - row
    upper, lower = texture[row], texture[min(row + 1, len(texture) - 1)]
    next_column = min(column + 1, len(upper) - 1)
    above = upper[column] + (upper[next_column] - upper[column]) * u
    return above + (lower[column] + (lower[next_column] - lower[column]) * u - above) * v


def sky(scene: dict[str, Any]) -> list[bytearray]:
    """The rows of the background: a gradient, and stars that stay where they are."""
    width, height, description = scene["width"], scene["height"], scene["sky"]
    rows = []
    for y in range(height):
        share = y / height
        colour = bytes(round(a + (b - a) * share) for a, b in zip(description["top"], description["bottom"]))
        rows.append(bytearray(colour * width))
    stars = random.Random(description["seed"])
    for _ in range(description["stars"]):
        x, y, light = stars.randrange(width), stars.randrange(height), stars.randrange(70, 255)
        rows[y][3 * x : 3 * x + 3] = bytes((light, light, min(255, light + 20)))
    return rows


def paint(rows: list[bytearray], body: Body, others: Sequence[Body], light: Vector) -> None:
    """Paint a body over what is behind it."""
    height, width = len(rows), len(rows[0]) // 3
    centre_x, centre_y = width / 2 + body.centre[0], height / 2 - body.centre[1]
    reach = body.radius * (GLOW if body.glow else 1.0) + 1
    for row in range(max(0, int(centre_y - reach)), min(height, int(centre_y + reach) + 1)):
        y = centre_y - row - 0.5
        half = reach * reach - y * y
        if half <= 0:
            continue
        half = math.sqrt(half)
        for column in range(max(0, int(centre_x - half)), min(width, int(centre_x + half) + 1)):
            x = column + 0.5 - centre_x
            distance = math.sqrt(x * x + y * y)
            place = slice(3 * column, 3 * column + 3)
            if body.glow and distance > body.radius - 1:
                _blend(rows[row], place, body.glow, _glow(body, x, y, distance, light))
            covered = min(1.0, body.radius - distance + 0.5)
            if covered > 0:
                _blend(rows[row], place, _colour(body, others, x, y, distance, light), covered)


def _blend(row: bytearray, place: slice, colour: Sequence[float], share: float) -> None:
    row[place] = bytes(min(255, int(a + (b - a) * share)) for a, b in zip(row[place], colour))


def _glow(body: Body, x: float, y: float, distance: float, light: Vector) -> float:
    outwards = (distance - body.radius) / (body.radius * (GLOW - 1))
    lit = max(0.0, 0.35 + (x * light[0] + y * light[1]) / distance)
    return lit * max(0.0, 1 - outwards) ** 2 * 0.7


def _colour(body: Body, others: Sequence[Body], x: float, y: float, distance: float, light: Vector) -> Sequence[float]:
    radius = body.radius
    nx, ny = x / radius, y / radius
    nz = math.sqrt(max(0.0, 1 - nx * nx - ny * ny))
    # Its axis leans to the side; the texture is laid around the axis.
    cos, sin = math.cos(body.tilt), math.sin(body.tilt)
    tx, ty = nx * cos + ny * sin, ny * cos - nx * sin
    down = math.acos(max(-1.0, min(1.0, ty))) / math.pi
    across = (math.atan2(tx, nz) / (2 * math.pi) - body.turned) % 1.0
    value = sample(body.texture, across, down)
    colour = body.colours[int(value)]
    shine = max(0.0, nx * light[0] + ny * light[1] + nz * light[2])
    if shine > 0:
        point = (body.centre[0] + x, body.centre[1] + y, body.centre[2] + nz * radius)
        if any(other.shades(point, light) for other in others):
            shine *= 0.15
    if body.clouds is not None:
        # The wind blows them ahead of the ground.
        density = min(1.0, sample(body.clouds, (across - body.turned) % 1.0, down) / 80)
        colour = [c + (250 - c) * density for c in colour]
    brightness = AMBIENT + (1 - AMBIENT) * shine
    return [c * brightness for c in colour]


def write_png(path: Path, rows: Sequence[bytearray]) -> int:
    """Write rows of red, green and blue as a PNG file; gives its size in bytes."""
    header = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 6)
    content = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(content)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> None:
    """Render the frame that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scene", type=Path, required=True)
    parser.add_argument("--textures", type=Path, required=True)
    parser.add_argument("--frame", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True, help="the folder for the frames")
    arguments = parser.parse_args()
    began = time.perf_counter()
    scene = json.loads(arguments.scene.read_text(encoding="utf-8"))
    moment = (arguments.frame - 1) / scene["frames"]
    length = math.sqrt(sum(c * c for c in scene["light"]))
    x, y, z = (c / length for c in scene["light"])
    bodies = [Body(description, arguments.textures, moment) for description in scene["bodies"]]
    bodies.sort(key=lambda body: body.centre[2])
    rows = sky(scene)
    for number, body in enumerate(bodies, start=1):
        paint(rows, body, [other for other in bodies if other is not body], (x, y, z))
        # Open Job Description shows such lines as the progress and the status of the task.
        print(f"openjd_progress: {100 * number / len(bodies):.0f}")
        print(f"openjd_status: painted the {body.name}", flush=True)
    path = arguments.output / f"frame_{arguments.frame:04d}.png"
    size = write_png(path, rows)
    print(f"Rendered {path.name}: {size:,} bytes in {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
