"""What is known about a job bundle, as metadata of its object in S3, which a listing can show without a download.

===================  =========================================================
key                  value
===================  =========================================================
``ojd-name``         the name, at most 256 bytes
``ojd-desc``         the description, at most 600 bytes
``ojd-step-count``   the number of steps
``ojd-param-count``  the number of job parameters
``ojd-steps``        names of steps, with commas between them
``ojd-params``       ``name:type`` of parameters, with commas between them
===================  =========================================================

S3 takes 2048 bytes of metadata in all, of which some are left for others. Lists that do not fit are cut after a whole item.
They are hints: names with commas or colons in them cannot be told apart, and the template is what counts.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..loader import read_yaml_or_json_object
from .encoded_words import CUT, decode_header, encode_header, encoded
from .info import MAXIMUM_NAME_LENGTH, BundleInfo, extract_bundle_info, name_in_path, printable

NAME, DESCRIPTION = "ojd-name", "ojd-desc"
STEPS, STEP_COUNT = "ojd-steps", "ojd-step-count"
PARAMETERS, PARAMETER_COUNT = "ojd-params", "ojd-param-count"

MAXIMUM_NAME_BYTES = 256
MAXIMUM_DESCRIPTION_BYTES = 600
MAXIMUM_BYTES = 2048 - 256
_KEY_PREFIX_BYTES = 12
"""What S3's own beginning of each key, ``x-amz-meta-``, is counted as."""


def build_bundle_metadata(
    source_dir: Optional[str] = None, bundle_name: Optional[str] = None, bundle_info: Optional[BundleInfo] = None
) -> Dict[str, str]:
    """The metadata of a bundle's archive: ASCII text, within what S3 takes.

    Args:
        source_dir: The bundle's folder, whose template is read where ``bundle_info`` is not given.
        bundle_name: The name of a bundle of which nothing else is known.
        bundle_info: What is known about the bundle.

    Raises:
        DeadlineOperationError: The template cannot be read.
    """
    if bundle_info is None and source_dir is not None:
        template = read_yaml_or_json_object(source_dir, "template", required=True)
        bundle_info = extract_bundle_info(template, source_dir)
    info = bundle_info or BundleInfo(path="", name=bundle_name or "")
    metadata: Dict[str, str] = {}
    _add(metadata, NAME, encode_header(info.name, MAXIMUM_NAME_BYTES))
    _add(metadata, DESCRIPTION, encode_header(info.description, MAXIMUM_DESCRIPTION_BYTES))
    if bundle_info is None:
        return metadata
    steps, parameters = info.step_names, [f"{item['name']}:{item.get('type', '')}" for item in info.parameters]
    _add(metadata, STEP_COUNT, str(info.total_steps or len(steps)))
    _add(metadata, PARAMETER_COUNT, str(info.total_parameters or len(parameters)))
    lists = {key: items for key, items in ((STEPS, steps), (PARAMETERS, parameters)) if items}
    for number, (key, items) in enumerate(lists.items()):
        # Each gets its share of what the ones before it have left.
        share = (MAXIMUM_BYTES - _size(metadata)) // (len(lists) - number)
        _add(metadata, key, _joined(items, share - _KEY_PREFIX_BYTES - len(key)))
    return metadata


def read_bundle_metadata(metadata: Mapping[str, str], path: str) -> Optional[BundleInfo]:
    """What an object's metadata says about the bundle in it; ``None`` where it says nothing."""
    if NAME not in metadata:
        return None
    steps = _split(metadata.get(STEPS, ""))
    parameters = [_parameter(item) for item in _split(metadata.get(PARAMETERS, ""))]
    return BundleInfo(
        path=path,
        name=printable(decode_header(metadata[NAME]))[:MAXIMUM_NAME_LENGTH] or name_in_path(path),
        description=printable(decode_header(metadata.get(DESCRIPTION, ""))),
        step_names=[printable(name) for name in steps],
        parameters=parameters,
        total_steps=_total(metadata.get(STEP_COUNT), steps),
        total_parameters=_total(metadata.get(PARAMETER_COUNT), parameters),
    )


def _add(metadata: Dict[str, str], key: str, value: str) -> None:
    if value:
        metadata[key] = value


def _size(metadata: Mapping[str, str]) -> int:
    return sum(_KEY_PREFIX_BYTES + len(key) + len(value) for key, value in metadata.items())


def _joined(items: Sequence[str], limit: int) -> str:
    """As many items as fit, and :data:`~.encoded_words.CUT` in the place of the others; nothing where none fits."""
    whole = encoded(",".join(items))
    if len(whole) <= limit:
        return whole
    for count in range(len(items) - 1, 0, -1):
        some = encoded(",".join([*items[:count], ""])) + CUT
        if len(some) <= limit:
            return some
    return ""


def _split(value: str) -> List[str]:
    items = [item for item in decode_header(value).split(",") if item]
    # Of a list that was cut, the last item is a mark, or a name that may be half a name.
    return items[:-1] if items and items[-1].endswith(CUT) else items


def _parameter(item: str) -> Dict[str, Any]:
    name, _, type_name = item.rpartition(":")
    return {"name": printable(name or item), "type": printable(type_name) if name else ""}


def _total(count: Optional[str], items: Sequence[Any]) -> Optional[int]:
    """The count, where it says that there are more than these."""
    if count is None or not (count.isascii() and count.isdigit() and len(count) < 10):
        return None
    return int(count) if int(count) > len(items) else None
