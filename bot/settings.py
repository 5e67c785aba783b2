"""Every setting of the bot: what it is for, what is accepted, and all that is wrong with it, said at once.

A value comes from the command line, else from the environment, else from the file given by `--config`. The
descriptions below are what an operator reads, in a fault and in docs/operate/settings.md.
"""

import difflib
import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails

from bot.enforcement.business_clock import Calendar
from bot.enforcement.limits import Limits
from bot.lazy import load
from bot.setting_values import (
    api_address,
    at_least,
    base_address,
    country,
    database,
    marketplaces,
    starts,
    user_ids,
    web_address,
    zone,
)

OFFICIAL_SLACK_API = "https://slack.com/api/"
_NO_OAUTH = "must not be set: it would silently switch Bolt to installing by OAuth in place of the one token"
SECRET_NAMES = frozenset({"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "GOODFAITH_SECRET"})
FORBIDDEN = {"SLACK_CLIENT_ID": _NO_OAUTH, "SLACK_CLIENT_SECRET": _NO_OAUTH}
_SENTENCES = {
    "missing": "is missing: {about}",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "bool_parsing": "must be true or false",
    "literal_error": "must be one of {expected}",
}


class BadSettings(Exception):
    """The settings cannot be used; `faults` says all that is wrong, one plain sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def on_loopback(address: str) -> bool:
    """Whether a web address can only mean this very machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def default_database_url() -> str:
    """SQLite in the directory that the operating system keeps for a user's data."""
    return f"sqlite:///{load('platformdirs').user_data_path('goodfaith') / 'goodfaith.db'}"


class HostSettings(BaseModel):
    """What the commands need that work on the database alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=False)

    database_url: Annotated[str, AfterValidator(database)] = Field(
        default_factory=default_database_url,
        alias="GOODFAITH_DATABASE_URL",
        repr=False,
        description="where everything is remembered: `sqlite:///path/to/file` or `postgresql://user:password@host/name`",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", alias="GOODFAITH_LOG_LEVEL", description="the least level that is logged"
    )
    log_format: Literal["json", "console"] = Field(
        "json", alias="GOODFAITH_LOG_FORMAT", description="`json` for machines, `console` for people"
    )

    @classmethod
    def load(cls, overrides: Mapping[str, str], file: Path | None, environ: Mapping[str, str]) -> Self:
        """Read the settings by name; the command line wins over the environment, which wins over the file.

        Empty values count as not given. Raises `BadSettings` with every fault at once.
        """
        given: dict[str, str | None] = {}
        if file is not None:
            if not file.is_file():
                raise BadSettings([f"--config {file}: there is no such file"])
            given |= load("dotenv").dotenv_values(file, interpolate=False)
        given |= environ
        given |= overrides
        values = {name: value for name, value in given.items() if value}
        faults = _names_at_fault(values) + cls._clashes(values)
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            faults += [_sentence(cls, each) for each in error.errors(include_url=False)]
        if faults:
            raise BadSettings(faults)
        return settings

    @classmethod
    def _clashes(cls, values: Mapping[str, str]) -> list[str]:
        """What is wrong between settings, found in the text as given, so that it is said with the rest."""
        return []


class Settings(HostSettings):
    """What the running bot needs."""

    slack_bot_token: Annotated[SecretStr, starts("xoxb-")] = Field(
        alias="SLACK_BOT_TOKEN",
        description="the bot token that Slack shows after the app was installed; it starts with xoxb-",
    )
    slack_signing_secret: SecretStr | None = Field(
        None,
        alias="SLACK_SIGNING_SECRET",
        description="the signing secret on the app's Basic Information page; needed without Socket Mode",
    )
    slack_app_token: Annotated[SecretStr, starts("xapp-")] | None = Field(
        None,
        alias="SLACK_APP_TOKEN",
        description="an app-level token with connections:write; when it is present the bot uses Socket Mode",
    )
    slack_api_url: Annotated[str, AfterValidator(api_address)] = Field(
        OFFICIAL_SLACK_API,
        alias="SLACK_API_URL",
        description="another Slack server, for trying and for tests",
    )
    host: str = Field(
        "127.0.0.1",
        alias="GOODFAITH_HOST",
        description="the address to listen on; a proxy with TLS stands in front",
    )
    port: int = Field(
        3000, ge=0, le=65535, alias="GOODFAITH_PORT", description="the port to listen on; 0 takes a free one"
    )
    public_url: Annotated[str, AfterValidator(base_address)] | None = Field(
        None,
        alias="GOODFAITH_PUBLIC_URL",
        description="the address under which Slack and the marketplaces reach the bot, without a path",
    )
    secret: Annotated[SecretStr, at_least(32)] = Field(
        alias="GOODFAITH_SECRET",
        description="random text of at least 32 characters; webhook secrets are derived from it",
    )
    admins: Annotated[tuple[str, ...], BeforeValidator(user_ids)] = Field(
        (),
        alias="GOODFAITH_ADMINS",
        description="Slack user ids of alliance administrators, with commas between them",
    )
    own_marketplaces: Annotated[Mapping[str, str], BeforeValidator(marketplaces)] = Field(
        default_factory=dict,
        alias="GOODFAITH_OWN_MARKETPLACES",
        description="host=name pairs, with commas between them, of marketplaces with addresses `/item/<id>`",
    )
    platform_zone: Annotated[str, AfterValidator(zone)] = Field(
        "UTC", alias="GOODFAITH_PLATFORM_ZONE", description="the time zone of the platform's business days"
    )
    platform_country: Annotated[str, AfterValidator(country)] | None = Field(
        None,
        alias="GOODFAITH_PLATFORM_COUNTRY",
        description="whose public holidays are no business days, such as CN or GB-ENG; without it, nobody's",
    )
    second_for_first_fake: bool = Field(
        True,
        alias="GOODFAITH_SECOND_FOR_FIRST_FAKE",
        description="whether a second person confirms somebody's first Fake; never asked of the pilot list",
    )
    most_answers_a_minute: int = Field(
        12,
        ge=0,
        alias="GOODFAITH_MOST_ANSWERS_A_MINUTE",
        description="after so many answers of one person in a minute a second one confirms a Fake; 0 is off",
    )
    most_fakes_an_hour: int = Field(
        300,
        ge=0,
        alias="GOODFAITH_MOST_FAKES_AN_HOUR",
        description="after so many Fakes of one person in an hour a second one confirms the next; 0 is off",
    )
    most_fakes_a_day: int = Field(
        1000, ge=0, alias="GOODFAITH_MOST_FAKES_A_DAY", description="the same for 24 hours; 0 is off"
    )
    large_seller_listings: int = Field(
        500,
        ge=0,
        alias="GOODFAITH_LARGE_SELLER_LISTINGS",
        description="with so many known listings a seller is large, and a second person confirms; 0 is off",
    )
    remember_genuine_days: int = Field(
        180,
        ge=0,
        le=3650,
        alias="GOODFAITH_REMEMBER_GENUINE_DAYS",
        description="for so many days a repeated question is answered with the last Genuine; 0 is off",
    )
    service_percent: int = Field(
        97,
        ge=1,
        le=100,
        alias="GOODFAITH_SERVICE_PERCENT",
        description="how many of a hundred notices are to be decided by the moment they are due",
    )
    calls_a_minute: int = Field(
        3000,
        ge=0,
        alias="GOODFAITH_CALLS_A_MINUTE",
        description="how many calls of the platform API one key may make in a minute; 0 is off",
    )
    answer_hours: int = Field(
        24,
        ge=1,
        le=240,
        alias="GOODFAITH_ANSWER_HOURS",
        description="hours of business time that a brand has to answer a request that names no deadline",
    )
    digest_catch_up_hours: int = Field(
        18,
        ge=1,
        le=168,
        alias="GOODFAITH_DIGEST_CATCH_UP_HOURS",
        description="how long after its hour a missed daily digest is still sent; a weekly one four times so",
    )
    largest_evidence_mb: int = Field(
        5,
        ge=1,
        le=50,
        alias="GOODFAITH_LARGEST_EVIDENCE_MB",
        description="megabytes that one file of evidence, or one picture of product knowledge, may have",
    )
    clock_url: Annotated[str, AfterValidator(web_address)] | None = Field(
        None,
        alias="GOODFAITH_CLOCK_URL",
        description="only for the sandbox: where the offset of its clock is read",
    )
    allow_private_webhooks: bool = Field(
        False,
        alias="GOODFAITH_ALLOW_PRIVATE_WEBHOOKS",
        description="only for the sandbox: webhooks may go to addresses of this machine",
    )

    @property
    def calendar(self) -> Calendar:
        """The business days of marketplaces that were given none of their own."""
        return Calendar(self.platform_country or "", self.platform_zone)

    @property
    def limits(self) -> Limits:
        """From where on a second person is asked in spite of good standing."""
        return Limits(
            first=self.second_for_first_fake,
            answers_a_minute=self.most_answers_a_minute,
            fakes_an_hour=self.most_fakes_an_hour,
            fakes_a_day=self.most_fakes_a_day,
            seller_listings=self.large_seller_listings,
        )

    @property
    def remember_genuine(self) -> timedelta:
        """How long "Genuine" answers the same question again."""
        return timedelta(days=self.remember_genuine_days)

    @property
    def answer_time(self) -> timedelta:
        """The business time to answer a request that names no deadline."""
        return timedelta(hours=self.answer_hours)

    @property
    def largest_evidence(self) -> int:
        """How many bytes one file of evidence may have."""
        return self.largest_evidence_mb * 1_000_000

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached by a socket that we open, in place of requests that it sends."""
        return self.slack_app_token is not None

    @classmethod
    def _clashes(cls, values: Mapping[str, str]) -> list[str]:
        faults = []
        slack_is_local = on_loopback(values.get("SLACK_API_URL", OFFICIAL_SLACK_API))
        if not values.get("SLACK_APP_TOKEN") and not values.get("SLACK_SIGNING_SECRET"):
            faults.append(
                "SLACK_SIGNING_SECRET is missing: without it or SLACK_APP_TOKEN nothing of Slack's is trusted"
            )
        clock = values.get("GOODFAITH_CLOCK_URL")
        if clock and not (slack_is_local and on_loopback(clock)):
            faults.append(
                "GOODFAITH_CLOCK_URL is only for a sandbox: it and SLACK_API_URL must be on this machine"
            )
        private = values.get("GOODFAITH_ALLOW_PRIVATE_WEBHOOKS", "").lower() in {
            "1",
            "on",
            "t",
            "true",
            "y",
            "yes",
        }
        if private and not slack_is_local:
            faults.append(
                "GOODFAITH_ALLOW_PRIVATE_WEBHOOKS is only for a sandbox: SLACK_API_URL must be local"
            )
        return faults


def setting_names() -> list[str]:
    """The name of every setting, in the order of the documentation."""
    return [str(field.alias) for field in Settings.model_fields.values()]


def _names_at_fault(values: Mapping[str, str]) -> list[str]:
    faults = [f"{name} {sentence}" for name, sentence in FORBIDDEN.items() if name in values]
    known = setting_names()
    for name in sorted(values):
        if name.startswith("GOODFAITH_") and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            faults.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
    return faults


def _sentence(model: type[BaseModel], error: ErrorDetails) -> str:
    """One fault as pydantic reports it -> plain words that name the setting and never the value."""
    name = str(error["loc"][0])
    if error["type"] == "value_error":
        return f"{name} {error['ctx']['error']}"
    about = next(field.description for field in model.model_fields.values() if field.alias == name)
    return f"{name} " + _SENTENCES.get(error["type"], error["msg"]).format(
        about=about, **error.get("ctx", {})
    )
