"""The floor of hashing a folder: walk it, read each file whole, take its hash; ``PYTHON bare_loop.py ROOT``."""

from __future__ import annotations

import os
import sys

import xxhash


def main(root: str) -> int:
    count = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with open(os.path.join(folder, name), "rb", buffering=0) as file:
                xxhash.xxh3_128(file.read()).hexdigest()
            count += 1
    return count


if __name__ == "__main__":
    print(main(sys.argv[1]))
