"""Text in headers that take ASCII only, such as the metadata of objects in S3: the encoded words of RFC 2047.

Text that is not plain ASCII is written as one word ``=?utf-8?b?<base64>?=``. Reading takes words of any charset and of
both encodings, ``b`` and ``q``, since S3 itself and other programs write those.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import List

CUT = "..."
"""Stands at the end of a text that was too long."""

_WORD = re.compile(r"=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_WRAPPING = len("=?utf-8?b??=")


def encode_header(text: str, limit: int) -> str:
    """The text in at most ``limit`` ASCII characters, on one line; where it does not fit, cut and with :data:`CUT` after it."""
    whole = encoded(text)
    if len(whole) <= limit:
        return whole
    text = " ".join(text.split())
    if whole == text:
        return text[: limit - len(CUT)].rstrip() + CUT
    room = (limit - len(CUT) - _WRAPPING) // 4 * 3
    kept = text.encode("utf-8", errors="replace")[: max(room, 0)].decode("utf-8", errors="ignore").rstrip()
    return _word(kept) + CUT if kept else CUT


def encoded(text: str) -> str:
    """The text in ASCII characters, on one line, however many these are."""
    text = " ".join(text.split())
    # What looks like an encoded word would be taken for one.
    return text if text.isascii() and text.isprintable() and "=?" not in text else _word(text)


def decode_header(value: str) -> str:
    """The text that a header stands for; words that cannot be read stay as they are."""
    parts: List[str] = []
    end = 0
    value = _BETWEEN_WORDS.sub("", value)  # blanks between words belong to the encoding
    for match in _WORD.finditer(value):
        parts += [value[end : match.start()], _decoded(match)]
        end = match.end()
    return "".join([*parts, value[end:]])


def _word(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode('utf-8', errors='replace')).decode('ascii')}?="


def _decoded(match: re.Match[str]) -> str:
    charset, encoding, content = match.groups()
    try:
        if encoding in "bB":
            # Some leave the padding out.
            data = base64.b64decode(content + "=" * (-len(content) % 4), validate=True)
        else:
            raw = content.replace("_", " ").encode("ascii")
            data = _HEX.sub(lambda found: bytes([int(found.group(1), 16)]), raw)
        return data.decode(charset)
    except (LookupError, UnicodeError, binascii.Error, ValueError):
        return match.group()
