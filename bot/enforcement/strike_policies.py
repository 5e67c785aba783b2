"""Which strike policy counts on a marketplace: tried out over the past, switched on by two administrators."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.refusals import Refused
from bot.enforcement.strikes import (
    LONGEST_PAUSE,
    LONGEST_VALIDITY,
    POLICIES,
    Offence,
    Terms,
    gravest_ever,
    terms_of,
)
from bot.enforcement.trail import note
from storage.queries import strike_policies as kept
from storage.records.platform import PlatformClient
from storage.records.seller_sheets import Histogram, MarketLine
from storage.records.sellers import Measure, PolicyName, StrikePolicy

OFF = "off"  # no policy: removals are kept, and nothing is proposed
LOOK_BACK = timedelta(days=365)


@dataclass(frozen=True)
class Wanted:
    """A policy as somebody wants it: what is written in an address, a form and a proposal."""

    client_id: str
    name: PolicyName | None  # None: none
    valid: int = 365
    apart: int = 0

    @property
    def terms(self) -> Terms | None:
        """What it counts by."""
        return terms_of(self.name, self.valid, self.apart) if self.name else None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Wanted":
        """From text; raises `Refused` for what makes no policy. No days apart: as it was published."""
        known = {name.value: name for name in POLICIES}
        if given["policy"] != OFF and given["policy"] not in known:
            raise Refused("sellers.no_such_policy")
        name = known.get(given["policy"])
        published = str(POLICIES[name].apart) if name else "0"
        valid, apart = given["valid"], given["apart"] or published
        if not (valid.isdecimal() and 1 <= int(valid) <= LONGEST_VALIDITY):
            raise Refused("sellers.bad_validity", most=LONGEST_VALIDITY)
        if not (apart.isdecimal() and int(apart) <= LONGEST_PAUSE):
            raise Refused("sellers.bad_pause", most=LONGEST_PAUSE)
        return cls(given["client_id"], name, int(valid), int(apart))

    def written(self) -> dict[str, str]:
        """What `read` takes."""
        name = self.name.value if self.name else OFF
        return {
            "client_id": self.client_id,
            "policy": name,
            "valid": str(self.valid),
            "apart": str(self.apart),
        }


def own_pause(policy: StrikePolicy | None) -> str:
    """The days apart by which a policy counts, where they are not as it was published; else nothing."""
    if policy is None or policy.terms["apart"] == POLICIES[policy.name].apart:
        return ""
    return str(policy.terms["apart"])


def overview(session: Session, actor: Actor) -> list[MarketLine]:
    """Every connected marketplace, for those who may read it."""
    authorize(session, actor, Operation.READ_STRIKE_POLICY, Subject("strike_policy"))
    policies, struck, counts = kept.active(session), kept.sellers_struck(session), kept.sanctions(session)
    return [
        MarketLine(
            client,
            policies.get(client.marketplace),
            struck.get(client.marketplace, 0),
            counts.get(client.marketplace, {}),
        )
        for client in kept.clients(session)
    ]


def market(session: Session, actor: Actor, client_id: str) -> MarketLine:
    """One marketplace of `overview`."""
    found = [line for line in overview(session, actor) if line.client.id == client_id]
    if not found:
        raise Denied(actor, Operation.READ_STRIKE_POLICY, Subject("strike_policy", client_id))
    return found[0]


def histogram(session: Session, actor: Actor, wanted: Wanted, now: datetime) -> Histogram:
    """What that policy would have done to the sellers of a marketplace over the last year."""
    line = market(session, actor, wanted.client_id)
    since = now - LOOK_BACK
    reached: Counter[Measure | None] = Counter()
    terms = wanted.terms
    of_seller: list[Offence[int]] = []
    last = ""
    for number, (seller_id, at, severity) in enumerate(kept.history(session, line.client.marketplace, since)):
        if seller_id != last and of_seller:
            reached[_would_reach(terms, of_seller)] += 1
            of_seller = []
        last = seller_id
        of_seller.append(Offence(number, at, severity))
    if of_seller:
        reached[_would_reach(terms, of_seller)] += 1
    return Histogram(since, sum(reached.values()), reached)


def check(session: Session, actor: Actor, given: Mapping[str, str]) -> None:
    """Refuse a proposal that could not be carried out, or that changes nothing."""
    wanted = Wanted.read(given)
    line = market(session, actor, wanted.client_id)
    terms = wanted.terms
    if (line.policy.terms if line.policy else None) == (terms.kept() if terms else None):
        raise Refused("sellers.policy_as_it_is")


def switch(
    session: Session, actor: Actor, given: Mapping[str, str], *, now: datetime, proposed_by: str = ""
) -> None:
    """Count by another policy from now on, or by none. What was proposed under the old one stands."""
    subject = Subject("strike_policy", given["client_id"])
    grant = authorize(session, actor, Operation.SWITCH_STRIKE_POLICY, subject)
    if grant.cell.second and proposed_by in ("", grant.person_id):
        raise Denied(actor, Operation.SWITCH_STRIKE_POLICY, subject)
    wanted = Wanted.read(given)
    # Locked, so that two switches of one marketplace come one after the other.
    client = session.get(PlatformClient, wanted.client_id, with_for_update=True)
    if client is None:
        raise Denied(actor, Operation.SWITCH_STRIKE_POLICY, subject)
    kept.end(session, client.marketplace, now)
    version = kept.last_version(session, client.marketplace)
    terms = wanted.terms
    if wanted.name and terms:
        version += 1
        session.add(
            StrikePolicy(
                marketplace=client.marketplace,
                version=version,
                name=wanted.name,
                terms=terms.kept(),
                since=now,
            )
        )
        session.flush()
    note(
        session,
        actor,
        grant,
        Operation.SWITCH_STRIKE_POLICY,
        subject,
        now,
        policy=given["policy"],
        version=version,
        proposed_by=proposed_by,
    )


def _would_reach(terms: Terms | None, offences: Sequence[Offence[int]]) -> Measure | None:
    return gravest_ever(terms, offences) if terms else None
