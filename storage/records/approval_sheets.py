"""Proposed acts as people read them."""

from dataclasses import dataclass

from storage.records.approvals import Approval
from storage.records.misuse import CensureSheet
from storage.records.roster import Person


@dataclass(frozen=True)
class Proposal:
    """A proposed act and the names in it; empty where it names none."""

    approval: Approval
    proposer: Person
    decider: Person | None
    holder_name: str = ""
    client_name: str = ""
    censure: CensureSheet | None = None
