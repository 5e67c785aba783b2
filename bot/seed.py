"""Fills an empty database from a file that describes an alliance, through the use cases that people use.

The alliance is founded as many days ago as its history is long (`bot/seed_history.py`).
The operator acts. Keys are shown once, to whoever ran the command.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from bot.enforcement import (
    account_managers,
    calendars,
    category_bans,
    channels,
    digests,
    groups,
    knowledge,
    people,
    platform,
    product_lines,
    register,
    rights,
    roster,
    security_team,
    strike_policies,
)
from bot.enforcement.access import OPERATOR, Actor
from bot.enforcement.channels import Scope, Seen
from bot.enforcement.digests import Schedule
from bot.enforcement.groups import GroupForm
from bot.enforcement.people import Profile, meet
from bot.enforcement.product_lines import LineForm
from bot.enforcement.register import BrandForm, HolderForm
from bot.enforcement.rights import RightDetails
from bot.seed_history import live_through
from bot.settings import Settings
from storage.engine import Store
from storage.queries import installation
from storage.queries.channels import bound
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.groups import GroupKind
from storage.records.roster import RightsHolder, Role, Standing

Document = Mapping[str, Any]

FOUNDING = "Founding member; there were no figures yet"


def seed(
    store: Store, settings: Settings, document: Document, now: datetime, platform_url: str
) -> dict[str, Any]:
    """Found the alliance of `document`; the connected clients with what their marketplace needs.

    The answer is `{"clients": [{"name", "api_key", "webhook_secret"}]}`: the keys are shown this once. Where
    an alliance exists already nothing is done, and `already_seeded` is true.
    """
    if store.read_sync(_exists):
        return {"clients": [], "already_seeded": True}
    master = settings.secret.get_secret_value().encode()
    since = now - timedelta(days=document["history"]["days"])
    founding = _Founding(document, platform_url, master)
    client = store.run_sync(founding.found, now=since)
    if since < now:
        live_through(store, document, founding.client_id, platform_url, since=since, now=now)
    store.run_sync(founding.subscribe, now=now)
    return {"clients": [client]}


class _Founding:
    """One alliance being founded; remembers which id each key of the document got."""

    def __init__(self, document: Document, platform_url: str, master: bytes) -> None:
        self._document = document
        self._platform_url = platform_url
        self._master = master
        self._team = document["workspace"]["team_id"]
        self._members = {channel["channel_id"]: channel["members"] for channel in document["channels"]}
        self._private = {channel["channel_id"]: channel["private"] for channel in document["channels"]}
        self._holders: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self.client_id = ""

    def found(self, session: Session, *, now: datetime) -> dict[str, str]:
        """Everything in one transaction: an alliance is there, or it is not."""
        self._workspace(session, now)
        for user_id in self._document["administrators"]:
            roster.add_administrator(session, OPERATOR, self._team, user_id, now)
        platform_part = self._document["platform"]
        for user_id in platform_part["staff"]:
            roster.add_platform_staff(session, OPERATOR, user_id, now=now)
        self._bind(session, ChannelPurpose.PLATFORM, "", platform_part["channel"], now)
        for holder in self._document["rights_holders"]:
            self._holder(session, holder, now)
        for entry in platform_part["account_managers"]:
            named = self._holders[entry["holder"]], entry["manager"], entry["deputy"]
            account_managers.name(session, OPERATOR, *named, now=now)
        for user_id in platform_part["security_team"]:
            security_team.add(session, OPERATOR, meet(session, self._team, user_id, now).id, now=now)
        for mandate in self._document["mandates"]:
            association, member = self._holders[mandate["association"]], self._holders[mandate["holder"]]
            register.record_mandate(session, OPERATOR, association, member, mandate["document"], now=now)
        for group in self._document["groups"]:
            self._group(session, group, now)
        for committee in self._document.get("committees", ()):
            self._committee(session, committee, now)
        return self._client(session, now)

    def subscribe(self, session: Session, *, now: datetime) -> None:
        """Each group's channel gets its digest, and each other that wants one, from the next one on."""
        for group in self._document["groups"]:
            schedule = Schedule(hour=group["digest_hour"], zone=group["digest_zone"])
            scope = Scope(ChannelPurpose.GROUP, self._groups[group["key"]])
            digests.configure(session, OPERATOR, scope, Span.DAY, schedule, now=now)
        for entry in self._document["digests"]:
            binding = bound(session, entry["channel"])
            if binding is None:
                raise LookupError(f"{entry['channel']} is bound to nothing")
            terms = {name: value for name, value in entry.items() if name not in ("channel", "span")}
            scope = Scope(binding.purpose, binding.scope_id)
            digests.configure(
                session, OPERATOR, scope, Span(entry["span"]), Schedule.model_validate(terms), now=now
            )

    def _workspace(self, session: Session, now: datetime) -> None:
        workspace = self._document["workspace"]
        installation.remember(
            session,
            team_id=self._team,
            team_name=workspace["team_name"],
            enterprise_id="",
            bot_user_id=workspace["bot_user_id"],
            bot_id="",
            now=now,
        )
        for entry in self._document["people"]:
            profile = Profile(
                team_id=entry.get("team_id", self._team),
                user_id=entry["user_id"],
                name=entry["name"],
                email=entry["email"],
                locale=entry["locale"],
                zone=entry["tz"],
                restricted=entry.get("guest", False),
                bot=entry.get("bot", False),
                deleted=entry.get("deleted", False),
            )
            person = meet(session, profile.team_id, profile.user_id, now)
            people.note_profile(session, person.id, profile, now=now)

    def _holder(self, session: Session, entry: Document, now: datetime) -> None:
        facts = {name: entry[name] for name in ("name", "kind", "size", "industry", "country")}
        holder_id = register.create_holder(session, OPERATOR, HolderForm(**facts), now=now)
        self._holders[entry["key"]] = holder_id
        if entry.get("pilot") or entry["standing"] == Standing.PILOT:
            roster.set_standing(session, OPERATOR, holder_id, Standing.PILOT, now=now, reason=FOUNDING)
        if entry["standing"] not in (Standing.APPLICANT, Standing.PILOT):
            standing = Standing(entry["standing"])
            roster.set_standing(session, OPERATOR, holder_id, standing, now=now, reason=FOUNDING)
        knows = {}
        for person in entry["people"]:
            role = Role(person["role"])
            person_id = roster.add_person(session, OPERATOR, holder_id, person["user_id"], role, now=now)
            knows[person_id] = person.get("lines", ())
        brands, lines = {}, {}
        for brand in entry["brands"]:
            brand_id = register.create_brand(
                session, OPERATOR, holder_id, BrandForm(name=brand["name"]), now=now
            )
            brands[brand["key"]] = brand_id
            for name in brand.get("product_lines", ()):
                line = LineForm(brand_id=brand_id, name=name)
                lines[name] = product_lines.add_line(session, OPERATOR, line, now=now)
            if brand["channel"]:
                self._bind(session, ChannelPurpose.BRAND, brand_id, brand["channel"], now)
        for person_id, names in knows.items():
            known = [lines[name] for name in names]
            product_lines.set_lines(session, OPERATOR, holder_id, person_id, known, now=now)
        self._knowledge(session, entry["brands"], lines, now)
        if "channel" in entry:
            self._bind(session, ChannelPurpose.ASSOCIATION, holder_id, entry["channel"], now)
        for right in entry["rights"]:
            kept = rights.register_right(session, OPERATOR, holder_id, _right(right, brands), now=now)
            rights.confirm_right(session, OPERATOR, kept.id, now=now)

    def _knowledge(
        self, session: Session, brands: Iterable[Document], lines: Mapping[str, str], now: datetime
    ) -> None:
        """What the brands' experts have written of their lines."""
        for entry in (known for brand in brands for known in brand.get("knowledge", ())):
            author = Actor(team_id=self._team, user_id=entry["by"])
            line_id = lines[entry["line"]]
            knowledge.write(session, author, line_id, 0, entry["text"], entry["points"], now=now)

    def _group(self, session: Session, entry: Document, now: datetime) -> None:
        form = GroupForm(name=entry["name"], kind=GroupKind.INDUSTRY, industry=entry.get("industry"))
        group_id = groups.create_group(session, OPERATOR, form, now=now)
        self._groups[entry["key"]] = group_id
        for key in entry["holders"]:
            groups.add_member(session, OPERATOR, group_id, self._holders[key], now=now)
        groups.name_chair(session, OPERATOR, group_id, entry["chair"], now=now)
        self._bind(session, ChannelPurpose.GROUP, group_id, entry["channel"], now)

    def _committee(self, session: Session, entry: Document, now: datetime) -> None:
        """A committee without a channel of its own; its seats are for a year."""
        form = GroupForm(name=entry["name"], kind=GroupKind.COMMITTEE, region=entry["region"])
        group_id = groups.create_group(session, OPERATOR, form, now=now)
        last_day = now.date() + groups.COMMITTEE_TERM
        for key in entry["holders"]:
            holder_id = self._holders[key]
            groups.add_member(session, OPERATOR, group_id, holder_id, now=now, ends_on=last_day)
        for seat in ("chair", "deputy"):
            user_id, deputy = entry[seat], seat == "deputy"
            groups.name_chair(session, OPERATOR, group_id, user_id, now=now, deputy=deputy, ends_on=last_day)

    def _bind(
        self, session: Session, purpose: ChannelPurpose, scope_id: str, channel_id: str, now: datetime
    ) -> None:
        seen = Seen(channel_id, self._members[channel_id], private=self._private[channel_id])
        channels.bind(session, OPERATOR, Scope(purpose, scope_id), seen, now=now)

    def _client(self, session: Session, now: datetime) -> dict[str, str]:
        entry = self._document["platform"]
        client = platform.create_client(
            session,
            OPERATOR,
            entry["client"]["name"],
            entry["marketplace"],
            self._platform_url.rstrip("/") + entry["client"]["webhook_path"],
            now=now,
            calendar=calendars.read(entry["client"].get("calendar", {})),
        )
        session.flush()
        self.client_id = client.id
        key = platform.create_key(session, OPERATOR, client.id, now=now)
        secret = platform.webhook_secret(self._master, client.id, client.secret_version)
        if "strike_policy" in entry:
            policy = entry["strike_policy"] | {"client_id": client.id}
            strike_policies.switch(session, OPERATOR, policy, now=now)
        for ban in entry.get("category_bans", ()):
            category_bans.add_ban(session, OPERATOR, client.id, ban["goods"], ban["reason"], now=now)
        return {"name": client.name, "api_key": key.api_key, "webhook_secret": secret}


def _right(entry: Document, brands: Mapping[str, str]) -> RightDetails:
    return RightDetails(
        kind=entry["kind"],
        title=entry["title"],
        number=entry["number"],
        office=entry["office"],
        territory=entry["territory"],
        classes=", ".join(str(number) for number in entry["classes"]),
        brand_id=brands[entry["brand"]] if entry["brand"] else None,
        expires_on=date.fromisoformat(entry["expires_on"]) if entry["expires_on"] else None,
    )


def _exists(session: Session) -> bool:
    return session.exec(select(RightsHolder.id).limit(1)).first() is not None
