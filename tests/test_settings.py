"""Settings: what wins, what is refused and in which words, what is never printed."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import OFFICIAL_SLACK_API, SECRET_NAMES, BadSettings, HostSettings, Settings

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "8f742231",
    "GOODFAITH_SECRET": "s" * 32,
    "GOODFAITH_DATABASE_URL": "sqlite:///here.db",
}
LOCAL = {"SLACK_API_URL": "http://127.0.0.1:8700/api"}


def load(**change: str) -> Settings:
    return Settings.load({}, None, GOOD | change)


def faults(given: dict[str, str]) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        Settings.load({}, None, given)
    return caught.value.faults


def test_four_settings_are_enough() -> None:
    settings = load()
    assert settings.slack_api_url == OFFICIAL_SLACK_API
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert not settings.socket_mode


def test_an_app_token_means_socket_mode_and_needs_no_signing_secret() -> None:
    settings = Settings.load({}, None, GOOD | {"SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": "xapp-1"})
    assert settings.socket_mode


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "goodfaith.env"
    file.write_text("GOODFAITH_PORT=1\nGOODFAITH_HOST=127.0.0.2\nGOODFAITH_PLATFORM_ZONE='Asia/Shanghai'\n")
    settings = Settings.load(
        {"GOODFAITH_PORT": "3"}, file, GOOD | {"GOODFAITH_PORT": "2", "GOODFAITH_HOST": "::1"}
    )
    assert (settings.port, settings.host, settings.platform_zone) == (3, "::1", "Asia/Shanghai")


def test_a_dollar_sign_in_a_file_is_a_dollar_sign(tmp_path: Path) -> None:
    file = tmp_path / "goodfaith.env"
    file.write_text(f"GOODFAITH_SECRET={'s' * 32}${{HOME}}\n")
    given = {name: value for name, value in GOOD.items() if name != "GOODFAITH_SECRET"}
    assert Settings.load({}, file, given).secret.get_secret_value() == "s" * 32 + "${HOME}"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="there is no such file"):
        Settings.load({}, tmp_path / "none.env", GOOD)


def test_every_fault_is_said_at_once_and_no_value_with_it() -> None:
    said = faults(
        {
            "SLACK_BOT_TOKEN": "topsecret",
            "SLACK_CLIENT_ID": "1.2",
            "GOODFAITH_SECRET": "tooshort",
            "GOODFAITH_PORT": "http",
            "GOODFAITH_PROT": "3",
            "GOODFAITH_DATABASE_URL": "mysql://root:hunter2@db/x",
        }
    )
    assert [sentence.split()[0] for sentence in said] == [
        "SLACK_CLIENT_ID", "GOODFAITH_PROT", "SLACK_SIGNING_SECRET", "GOODFAITH_DATABASE_URL",
        "SLACK_BOT_TOKEN", "GOODFAITH_PORT", "GOODFAITH_SECRET",
    ]  # fmt: skip
    assert not [value for value in ("topsecret", "tooshort", "hunter2") if value in " ".join(said)]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("GOODFAITH_PORT", "65536", "must be at most 65535"),
        ("GOODFAITH_PORT", "-1", "must be at least 0"),
        ("GOODFAITH_PORT", "http", "must be a whole number"),
        ("GOODFAITH_PROT", "1", "is not a setting; did you mean GOODFAITH_PORT?"),
        ("GOODFAITH_LOG_LEVEL", "loud", "must be one of 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("GOODFAITH_PLATFORM_ZONE", "CST+8", "must be a time zone such as Europe/Berlin"),
        ("GOODFAITH_PUBLIC_URL", "bot.example", "must be an address that starts with https:// or http://"),
        ("GOODFAITH_ADMINS", "U1, @bob", "must be Slack user ids, such as U024BE7LH, with commas between"),
        ("GOODFAITH_ALLOW_PRIVATE_WEBHOOKS", "maybe", "must be true or false"),
        ("SLACK_APP_TOKEN", "xoxb-1", "must start with xapp-"),
    ],
)  # fmt: skip
def test_a_fault_names_the_setting_and_what_is_accepted(name: str, value: str, sentence: str) -> None:
    assert faults(GOOD | {name: value}) == [f"{name} {sentence}"]


@pytest.mark.parametrize("name", ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"])
def test_oauth_is_never_switched_on_by_accident(name: str) -> None:
    assert faults(GOOD | {name: "x"})[0].startswith(f"{name} must not be set")


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        (LOCAL | {"GOODFAITH_CLOCK_URL": "http://127.0.0.1:8700/sandbox/clock"}, True),
        ({"SLACK_API_URL": "http://localhost/api/", "GOODFAITH_CLOCK_URL": "http://[::1]:1/clock"}, True),
        ({"GOODFAITH_CLOCK_URL": "http://127.0.0.1:8700/sandbox/clock"}, False),
        (LOCAL | {"GOODFAITH_CLOCK_URL": "http://clock.example/"}, False),
        ({"SLACK_API_URL": "http://127.0.0.1.example/", "GOODFAITH_CLOCK_URL": "http://[::1]/"}, False),
        (LOCAL | {"GOODFAITH_ALLOW_PRIVATE_WEBHOOKS": "true"}, True),
        ({"GOODFAITH_ALLOW_PRIVATE_WEBHOOKS": "true"}, False),
        ({"GOODFAITH_ALLOW_PRIVATE_WEBHOOKS": "false"}, True),
    ],
)  # fmt: skip
def test_what_is_for_the_sandbox_works_only_against_a_slack_on_this_machine(
    change: dict[str, str], accepted: bool
) -> None:
    if accepted:
        load(**change)
    else:
        assert "only for a sandbox" in faults(GOOD | change)[0]


def test_lists_are_read_from_one_line() -> None:
    settings = load(
        GOODFAITH_ADMINS="U1, W2", GOODFAITH_OWN_MARKETPLACES="Market.example=openbazaar, b.example=b"
    )
    assert settings.admins == ("U1", "W2")
    assert settings.own_marketplaces == {"market.example": "openbazaar", "b.example": "b"}


def test_nothing_secret_is_printed() -> None:
    settings = load(GOODFAITH_DATABASE_URL="postgresql://bot:hunter2@db/goodfaith")
    assert not [
        value for value in ("xoxb-1", "8f742231", "hunter2", "s" * 32) if value in f"{settings!r} {settings}"
    ]


def test_the_names_of_the_secrets_are_those_of_the_secret_fields() -> None:
    marked = {
        field.alias for field in Settings.model_fields.values() if SecretStr.__name__ in str(field.annotation)
    }
    assert marked == SECRET_NAMES


def test_commands_on_the_database_alone_need_no_token() -> None:
    assert (
        HostSettings.load({}, None, {"GOODFAITH_DATABASE_URL": "sqlite:///x.db"}).database_url
        == "sqlite:///x.db"
    )
