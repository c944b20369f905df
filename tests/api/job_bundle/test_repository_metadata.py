"""What is known about a bundle, as metadata of its object in S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle._repository import BundleInfo, build_bundle_metadata
from deadline.client.job_bundle.repository.encoded_words import decode_header, encode_header
from deadline.client.job_bundle.repository.metadata import read_bundle_metadata

from .archives import write_bundle_files

texts = st.text() | st.text(alphabet="ab ,:=?\u00fc\u65e5\n")
plain_names = st.text(alphabet="abcdefgh \u00fc\u65e5\U0001f600", min_size=1, max_size=80).filter(str.strip)


def collapsed(value: str) -> str:
    return " ".join(value.split())


def bytes_of(metadata: dict[str, str]) -> int:
    return sum(12 + len(key) + len(value) for key, value in metadata.items())


def test_a_bundle_is_described_by_its_template(tmp_path: Path) -> None:
    assert build_bundle_metadata(str(write_bundle_files(tmp_path))) == {
        "ojd-name": "Turntable",
        "ojd-desc": "A model turns",
        "ojd-step-count": "2",
        "ojd-param-count": "3",
        "ojd-steps": "Render,Encode",
        "ojd-params": "Frames:STRING,Scene:PATH,Colors:LIST[STRING]",
    }


def test_a_bundle_of_which_nothing_is_known_has_its_name() -> None:
    assert build_bundle_metadata(bundle_name="M\u00fcll") == {"ojd-name": "=?utf-8?b?TcO8bGw=?="}


def test_a_template_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "template.json").write_text("{", encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match=r"template\.json is not valid JSON"):
        build_bundle_metadata(str(tmp_path))


@given(texts, st.integers(min_value=40, max_value=700))
def test_an_encoded_text_is_ascii_on_one_line_and_comes_back(value: str, limit: int) -> None:
    encoded = encode_header(value, limit)

    assert len(encoded) <= limit
    assert encoded.isascii()
    assert encoded.isprintable()
    decoded, whole = decode_header(encoded), collapsed(value)
    if decoded != whole:
        assert decoded.endswith("...")
        assert whole.startswith(decoded[:-3])
        assert len(encode_header(value, 100_000)) > limit


@given(
    st.text(alphabet="abcdefgh \u00fc\u65e5\U0001f600", min_size=1, max_size=40).filter(str.strip),
    st.text(alphabet="xy \u00fc\n", max_size=3000),
    st.lists(plain_names, max_size=60),
    st.lists(plain_names, max_size=60),
)
@settings(deadline=None)
def test_metadata_fit_into_s3_and_come_back(name: str, description: str, steps: Any, parameters: Any) -> None:
    info = BundleInfo(
        path="s3://bucket/x.ojd",
        name=name,
        description=description,
        step_names=steps,
        parameters=[{"name": item, "type": "STRING"} for item in parameters],
    )

    metadata = build_bundle_metadata(bundle_info=info)
    known = read_bundle_metadata(metadata, info.path)

    assert bytes_of(metadata) <= 2048 - 256
    assert len(metadata["ojd-name"]) <= 256
    assert len(metadata.get("ojd-desc", "")) <= 600
    assert all(value.isascii() and value.isprintable() for value in metadata.values())
    assert known is not None
    assert known.name == collapsed(name)
    assert known.step_names == [collapsed(item) for item in steps[: len(known.step_names)]]
    assert len(known.step_names) == len(steps) or known.total_steps == len(steps)
    assert len(known.parameters) == len(parameters) or known.total_parameters == len(parameters)
    assert all(parameter["type"] == "STRING" for parameter in known.parameters)


def test_lists_that_do_not_fit_are_cut_after_a_whole_item_and_share_the_room() -> None:
    names = [f"a-step-with-a-long-name-{number}" for number in range(100)]
    metadata = build_bundle_metadata(
        bundle_info=BundleInfo("p", "n", step_names=names, parameters=[{"name": name, "type": "INT"} for name in names])
    )

    assert bytes_of(metadata) <= 1792
    for key, ending in (("ojd-steps", ""), ("ojd-params", ":INT")):
        *kept, mark = metadata[key].split(",")
        assert mark == "..."
        assert kept == [f"{name}{ending}" for name in names[: len(kept)]]
        assert len(kept) > 20
    assert metadata["ojd-step-count"] == "100"


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("=?UTF-8?Q?M=C3=BCll_und_mehr?=", "M\u00fcll und mehr"),
        ("=?iso-8859-1?q?M=FCll?=", "M\u00fcll"),
        ("=?utf-8?B?TcO8bGw?=", "M\u00fcll"),
        ("=?utf-8*de?b?TcO8bGw=?=", "M\u00fcll"),
        ("=?utf-8?b?TcO8?=  =?utf-8?b?bGw=?= x", "M\u00fcll x"),
        ("=?utf-8?b?TcO8bGw=?=...", "M\u00fcll..."),
        ("=?no-such-charset?b?TcO8bGw=?=", "=?no-such-charset?b?TcO8bGw=?="),
        ("=?utf-8?b?%%%?=", "=?utf-8?b?%%%?="),
        ("=?utf-8?b?/////w==?=", "=?utf-8?b?/////w==?="),
        ("a = b? c", "a = b? c"),
    ],
)
def test_encoded_words_of_any_form_are_read(header: str, meant: str) -> None:
    assert decode_header(header) == meant


@given(st.dictionaries(st.sampled_from(["ojd-name", "ojd-steps", "ojd-params", "ojd-step-count"]), st.text()))
def test_metadata_of_anybody_are_read_without_an_error(metadata: dict[str, str]) -> None:
    known = read_bundle_metadata(metadata, "s3://bucket/x.ojd")
    assert (known is None) == ("ojd-name" not in metadata)


def test_a_parameter_is_split_at_its_last_colon() -> None:
    known = read_bundle_metadata({"ojd-name": "n", "ojd-params": "a:b:INT,bare"}, "p")
    assert known is not None
    assert known.parameters == [{"name": "a:b", "type": "INT"}, {"name": "bare", "type": ""}]
