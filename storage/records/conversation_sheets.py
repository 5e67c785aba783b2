"""A conversation as it is shown, with the names around it, and what somebody wants to talk about."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.records.conversations import About, Conversation, Part
from storage.records.roster import Person, RightsHolder


@dataclass(frozen=True)
class Topic:
    """Whose case it is, what it is called, and who of the brand had a hand in it."""

    holder_id: str
    brand_id: str | None = None
    title: str = ""
    expert_ids: Sequence[str] = ()


@dataclass(frozen=True)
class Taking:
    """Somebody who takes part, and why."""

    person: Person
    part: Part


@dataclass(frozen=True)
class TalkSheet:
    """A conversation with the names around it."""

    talk: Conversation
    holder: RightsHolder
    brand_name: str
    asker: Person
    members: Sequence[Taking]
    association_name: str = ""
    decided_by: Person | None = None
    closed_by: Person | None = None
    head_ts: str = ""


@dataclass(frozen=True)
class Pointed:
    """What somebody wants to talk about."""

    about: About
    subject_id: str = ""


@dataclass(frozen=True)
class Asking:
    """What the form needs: for whom one may ask, about what, and the conversation that lives already."""

    pointed: Pointed
    holders: dict[str, str]  # id -> name; several where the subject does not say whose it is; none: any
    title: str = ""
    live: TalkSheet | None = None
