"""Reads the workspace's part of the alliance file: the team, its people and its channels."""

import json
from pathlib import Path

from bot.sandbox.records import Channel, Json, Memory, Person

DEFAULT_FILE = Path(__file__).parent / "data" / "alliance.json"


def read_alliance(path: Path = DEFAULT_FILE) -> Json:
    """The whole document."""
    document: Json = json.loads(path.read_text(encoding="utf-8"))
    return document


def memory_from(document: Json) -> Memory:
    """A fresh workspace with the document's team, people and channels."""
    workspace = document["workspace"]
    people = [Person(**entry) for entry in document["people"]]
    channels = [
        Channel(
            entry["channel_id"],
            entry["name"],
            "private" if entry.get("private", True) else "public",
            entry.get("topic", ""),
            list(entry["members"]),
            shared=entry.get("shared", False),
        )
        for entry in document["channels"]
    ]
    bot = workspace["bot_user_id"]
    channels += [
        Channel("D" + person.user_id[1:], "", "im", members=[person.user_id, bot]) for person in people
    ]
    return Memory(
        team_id=workspace["team_id"],
        team_name=workspace["team_name"],
        app_id=workspace["app_id"],
        bot_user_id=workspace["bot_user_id"],
        bot_name=workspace["bot_name"],
        people={person.user_id: person for person in people},
        channels={channel.channel_id: channel for channel in channels},
    )
