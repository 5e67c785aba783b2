"""What a setting's text must be and what it becomes; what is wrong with it is said in plain words."""

import re
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, SecretStr

from bot.enforcement import business_clock


def starts(prefix: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefix):
            raise ValueError(f"must start with {prefix}")
        return value

    return AfterValidator(check)


def at_least(length: int) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < length:
            raise ValueError(f"must have at least {length} characters")
        return value

    return AfterValidator(check)


def web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that starts with https:// or http://")
    return value


def base_address(value: str) -> str:
    return web_address(value).rstrip("/")


def api_address(value: str) -> str:
    """slack_sdk joins the method's name to the address, so it must end in a slash."""
    return web_address(value).rstrip("/") + "/"


def database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("must start with sqlite:/// or postgresql://")
    return value


def user_ids(value: object) -> object:
    """`U1, U2` as written in the environment -> a tuple of ids."""
    if not isinstance(value, str):
        return value
    ids = tuple(part.strip() for part in value.split(",") if part.strip())
    if not all(re.fullmatch(r"[UW][A-Z0-9]+", each) for each in ids):
        raise ValueError("must be Slack user ids, such as U024BE7LH, with commas between")
    return ids


def marketplaces(value: object) -> object:
    """`market.example=openbazaar, ...` as written in the environment -> host to marketplace."""
    if not isinstance(value, str):
        return value
    pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
    if not all(host and name for host, _, name in pairs):
        raise ValueError(
            "must be host=name pairs with commas between them, such as market.example=openbazaar"
        )
    return {host.strip().lower(): name.strip() for host, _, name in pairs}


def zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be a time zone such as Europe/Berlin")
    return value


def country(value: str) -> str:
    if not business_clock.is_known(value):
        raise ValueError("must be a country such as CN, or with a part of it such as GB-ENG")
    return value
