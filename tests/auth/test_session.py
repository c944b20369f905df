from __future__ import annotations

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ProfileNotFound
from hypothesis import given, strategies as st

from deadline.client.auth import client_config, invoking_agent, regions, transport
from deadline.client.auth.session import (
    get_boto3_client,
    get_boto3_session,
    get_session_client,
    invalidate_boto3_session_cache,
    modified_logging_level,
)
from deadline.client.config import config_file, get_setting, set_setting
from deadline.client.exceptions import DeadlineOperationError


@pytest.mark.parametrize("name", ["(default)", "default", ""])
def test_names_of_the_default_profile_leave_the_choice_to_the_sdk(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_setting("defaults.aws_profile_name", name)

    credentials = get_boto3_session().get_credentials()

    assert credentials is not None
    assert credentials.access_key == "user-key"


def test_a_session_has_the_configured_profile_and_is_made_once(
    aws_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    aws_config.write_text(
        "[profile studio]\nregion=eu-west-1\naws_access_key_id=k\naws_secret_access_key=s\n", encoding="utf-8"
    )
    config = config_file.read_config()
    set_setting("defaults.aws_profile_name", "studio", config)

    session = get_boto3_session(config=config)

    assert (session.profile_name, session.region_name) == ("studio", "eu-west-1")
    assert get_boto3_session(config=config) is session
    assert get_boto3_session() is not session
    assert get_boto3_session(config=config, region="us-east-1").region_name == "us-east-1"


def test_an_address_that_is_none_is_an_error_that_says_where_it_may_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "nowhere")
    with pytest.raises(
        DeadlineOperationError, match=r"Invalid endpoint: nowhere\. Check the variables .* AWS_ENDPOINT_URL"
    ):
        get_boto3_client("deadline")


def test_a_profile_that_does_not_exist_is_an_error() -> None:
    set_setting("defaults.aws_profile_name", "nobody")

    with pytest.raises(ProfileNotFound, match="nobody"):
        get_boto3_session()


def test_a_refresh_reads_credentials_anew_for_sessions_and_clients_f_11(monkeypatch: pytest.MonkeyPatch) -> None:
    session, client = get_boto3_session(), get_boto3_client("deadline")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "after-login")

    renewed = get_boto3_session(force_refresh=True)
    credentials = renewed.get_credentials()

    assert renewed is not session
    assert credentials is not None
    assert credentials.access_key == "after-login"
    assert get_boto3_client("deadline") is not client


def test_many_threads_get_one_client() -> None:
    with ThreadPoolExecutor(16) as pool:
        clients = list(pool.map(lambda _: get_boto3_client("deadline"), range(64)))

    assert len({id(client) for client in clients}) == 1


def test_credentials_of_a_short_lived_process_serve_until_shortly_before_their_end(
    aws_config: Path, tmp_path: Path
) -> None:
    script = tmp_path / "process.py"
    script.write_text(
        "import datetime, json\n"
        "end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=10)\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': datetime.datetime.now().isoformat(), 'SecretAccessKey': 's',"
        " 'SessionToken': 't', 'Expiration': end.isoformat()}))\n",
        encoding="utf-8",
    )
    aws_config.write_text(
        f"[profile monitor]\nregion=us-west-2\ncredential_process={Path(sys.executable).as_posix()} "
        f"{script.as_posix()}\n",
        encoding="utf-8",
    )
    set_setting("defaults.aws_profile_name", "monitor")

    credentials: Any = get_boto3_session().get_credentials()

    first = credentials.get_frozen_credentials().access_key
    assert credentials.get_frozen_credentials().access_key == first


def test_clients_call_the_region_of_the_farm_unless_another_is_asked_for() -> None:
    assert get_boto3_client("deadline").meta.region_name == "us-west-2"
    set_setting("defaults.farm_id", "farm-1")
    set_setting("defaults.farm_region", "eu-central-1")

    assert get_boto3_client("deadline").meta.region_name == "eu-central-1"
    assert get_boto3_client("deadline", region="us-east-2").meta.region_name == "us-east-2"


def test_the_region_of_a_farm_is_found_without_making_it_the_default() -> None:
    config = config_file.read_config()
    set_setting("defaults.farm_id", "farm-2", config)
    set_setting("defaults.farm_region", "eu-west-1", config)
    set_setting("defaults.farm_id", "farm-1", config)

    assert regions.resolve_region(config) is None
    assert regions.resolve_region(config, farm_id="farm-2") == "eu-west-1"
    assert regions.resolve_region(config, region="", farm_id="farm-2") == "eu-west-1"
    assert get_setting("defaults.farm_id", config) == "farm-1"


def test_an_endpoint_of_one_region_is_moved_to_the_region_that_is_called_f_26(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "https://deadline.us-west-2.internal.example:8443/x")

    client = get_boto3_client("deadline", region="eu-west-1")

    assert client.meta.endpoint_url == "https://deadline.eu-west-1.internal.example:8443/x"


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:8000", "https://us-west-2x.example", "https://deadline.eu-west-1.amazonaws.com"]
)
def test_endpoints_without_the_regions_name_stay_f_26(endpoint: str) -> None:
    assert regions.endpoint_in_region(endpoint, "us-west-2", "eu-west-1") is None


def test_a_callers_client_options_go_before_ours() -> None:
    options = Config(retries={"mode": "adaptive"}, read_timeout=7)

    client = get_session_client(get_boto3_session(), "deadline", client_config=options)

    assert client.meta.config.read_timeout == 7
    assert "app/deadline-client#" in client.meta.config.user_agent_extra
    assert get_session_client(get_boto3_session(), "deadline", client_config=options) is client


def test_the_user_agent_names_client_submitter_command_and_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(client_config.session_context, "cli-command-name", "deadline.bundle.submit")
    monkeypatch.setenv("AI_AGENT", "Helper_1.0")

    with client_config.calling_as("Maya", "0.15"):
        text = client_config.user_agent_extra()

    assert text.endswith(" submitter/Maya#0.15 cli-command/deadline.bundle.submit invoked-by/helper")
    assert "submitter" not in client_config.user_agent_extra()


def test_clients_carry_the_user_agent_of_who_asks_for_them_f_11() -> None:
    with client_config.calling_as("Maya"):
        assert "submitter/Maya" in get_boto3_client("deadline").meta.config.user_agent_extra

    assert "submitter" not in get_boto3_client("deadline").meta.config.user_agent_extra


@given(st.text(), st.text())
def test_no_submitter_name_breaks_the_header_f_10(name: str, version: str) -> None:
    with client_config.calling_as(name, version):
        text = client_config.user_agent_extra()

    assert text.isascii()
    assert text.isprintable()
    assert len(text.split(" ")) <= 2


@pytest.mark.parametrize(
    ("environment", "agent"),
    [
        ({}, None),
        ({"AI_AGENT": "1", "AGENT": "true"}, "unknown"),
        ({"CLAUDECODE": "1"}, "claude-code"),
        ({"AGENT": "amp"}, "amp"),
        ({"EDITOR": "/opt/.Devin/bin"}, "devin"),
        ({"AI_AGENT": "_", "GEMINI_CLI": "1"}, "gemini"),
    ],
)
def test_agents_are_known_by_their_environment_f_24(
    environment: dict[str, str], agent: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert invoking_agent.detect_invoking_agent() == agent


def test_proxy_and_certificates_of_the_settings_reach_every_client(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    set_setting("settings.https_proxy", "http://user:p%40ss@proxy.example.com:3128")
    set_setting("settings.ca_bundle", "~/ca.pem")

    session: Any = get_boto3_session()

    assert get_boto3_client("deadline").meta.config.proxies["https"] == "http://user:p%40ss@proxy.example.com:3128"
    assert session._session.get_config_variable("ca_bundle") == str(bundle)


def test_a_later_change_of_the_proxy_is_told_without_its_password(caplog: pytest.LogCaptureFixture) -> None:
    session = get_boto3_session()
    config = config_file.read_config()
    set_setting("settings.https_proxy", "http://user:hunter2@proxy.example.com:3128", config)

    with caplog.at_level(logging.WARNING):
        transport.apply_proxy_settings(session, config)

    assert "settings.https_proxy" in caplog.text
    assert "hunter2" not in caplog.text
    invalidate_boto3_session_cache()
    assert transport.apply_proxy_settings(get_boto3_session(config=config), config) is not session


def test_a_changed_proxy_serves_the_next_session() -> None:
    before = get_boto3_client("deadline")
    set_setting("settings.https_proxy", "http://proxy.example.com:3128")

    assert before.meta.config.proxies is None
    assert get_boto3_client("deadline").meta.config.proxies["https"] == "http://proxy.example.com:3128"


def test_a_password_of_a_proxy_is_in_no_repr() -> None:
    set_setting("settings.https_proxy", "http://user:hunter2@proxy.example.com:3128")

    assert "hunter2" not in f"{transport.transport_settings()!r}{get_boto3_session()!r}{get_boto3_client('deadline')!r}"


@pytest.mark.parametrize("proxy", ["http://user:hunter2", "a b:hunter2"])
def test_a_stored_proxy_that_is_none_is_told_without_its_password(proxy: str, tmp_path: Path) -> None:
    (tmp_path / "deadline-config").write_text(f"[settings]\nhttps_proxy = {proxy}\n", encoding="utf-8")

    with pytest.raises(DeadlineOperationError, match=r"settings\.https_proxy is no use.*config clear") as raised:
        get_boto3_session()

    assert "hunter2" not in str(raised.value)


def test_a_stored_proxy_may_be_a_host_alone(tmp_path: Path) -> None:
    (tmp_path / "deadline-config").write_text("[settings]\nhttps_proxy = proxy:3128\n", encoding="utf-8")

    assert get_boto3_client("deadline").meta.config.proxies["https"] == "proxy:3128"


def test_making_a_session_runs_no_program_for_credentials(aws_config: Path) -> None:
    aws_config.write_text(
        "[profile monitor]\nregion=us-west-2\ncredential_process=/nowhere/monitor get-credentials\n", encoding="utf-8"
    )
    set_setting("defaults.aws_profile_name", "monitor")

    session = get_boto3_session()

    with pytest.raises(OSError, match="/nowhere/monitor"):
        session.get_credentials()


def test_levels_of_a_logger_come_back_when_blocks_overlap() -> None:
    logger = logging.getLogger("deadline.test-levels")
    logger.setLevel(logging.INFO)
    first, second = (modified_logging_level(logger, level) for level in (logging.ERROR, logging.CRITICAL))

    first.__enter__()
    second.__enter__()
    assert logger.level == logging.CRITICAL
    first.__exit__(None, None, None)
    assert logger.level == logging.CRITICAL
    second.__exit__(None, None, None)

    assert logger.level == logging.INFO
