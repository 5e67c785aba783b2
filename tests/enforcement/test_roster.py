"""Rosters and the register: who may change them, that it counts at once, that a refusal changes nothing."""

import asyncio
from typing import Any

import pytest

from bot.enforcement import groups, people, register, roster
from bot.enforcement.access import Denied, Operation, Subject, may
from bot.enforcement.groups import GroupForm
from bot.enforcement.people import Profile
from bot.enforcement.refusals import Refused
from bot.enforcement.register import BrandForm, HolderForm
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.groups import GroupKind, GroupMember, WorkingGroup
from storage.records.outbox import OutboxRow
from storage.records.roster import (
    Brand,
    HolderKind,
    HolderSize,
    Mandate,
    Person,
    RightsHolder,
    Role,
    RoleGrant,
    Standing,
)
from tests.enforcement.alliance import NOW, TEAM, Alliance, found, who

HOLDER = HolderForm(
    name="Oriel", kind=HolderKind.COMPANY, size=HolderSize.SMALL, industry="phones", country="se"
)


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return found(sqlite_store)


@pytest.fixture
def on_each(store: Store) -> Alliance:
    """The same on each database, where a constraint, a lock or a race decides."""
    return found(store)


def test_a_person_on_the_roster_may_act_at_once_and_no_more_once_removed(on_each: Alliance) -> None:
    subject = Subject("case", holder_id=on_each.holders["nordlys"])
    joiner = on_each.do(roster.add_person, "lena", on_each.holders["nordlys"], "UNEW", Role.EXPERT)
    assert on_each.store.read_sync(may, who("new"), Operation.FILE_NOTICE, subject)
    on_each.do(roster.remove_person, "lena", on_each.holders["nordlys"], joiner)
    assert not on_each.store.read_sync(may, who("new"), Operation.FILE_NOTICE, subject)
    assert on_each.one(RoleGrant, person_id=joiner).until == NOW


@pytest.mark.parametrize("name", ["emil", "hugo", "olga", "pia", "ada", "nobody"])
def test_only_the_leads_of_a_holder_change_its_roster(alliance: Alliance, name: str) -> None:
    before = len(alliance.all(RoleGrant)), len(alliance.all(Person)), len(alliance.all(AuditEntry))
    with pytest.raises(Denied):
        alliance.do(roster.add_person, name, alliance.holders["nordlys"], "UNEW", Role.EXPERT)
    with pytest.raises(Denied):
        alliance.do(roster.remove_person, name, alliance.holders["nordlys"], alliance.person("emil"))
    assert (len(alliance.all(RoleGrant)), len(alliance.all(Person)), len(alliance.all(AuditEntry))) == before


def test_a_roster_that_does_not_exist_is_as_foreign_as_another_ones(alliance: Alliance) -> None:
    told = set()
    for holder_id in (alliance.holders["halden"], "01MISSING"):
        with pytest.raises(Denied) as denied:
            alliance.do(roster.add_person, "lena", holder_id, "UNEW", Role.EXPERT)
        told.add(str(denied.value))
    assert len(told) == 1


@pytest.mark.parametrize(
    ("holder", "role", "fits"),
    [
        ("nordlys", Role.EXPERT, True),
        ("nordlys", Role.LEAD, True),
        ("nordlys", Role.SMALL_MEMBER, False),
        ("nordlys", Role.ASSOCIATION_OFFICER, False),
        ("nordlys", Role.ADMINISTRATOR, False),
        ("nordlys", Role.PLATFORM_STAFF, False),
        ("tansy", Role.SMALL_MEMBER, True),
        ("glen", Role.ASSOCIATION_OFFICER, True),
        ("glen", Role.SMALL_MEMBER, False),
    ],
)
def test_a_roster_gives_only_the_roles_that_fit_the_holder(
    alliance: Alliance, holder: str, role: Role, *, fits: bool
) -> None:
    if fits:
        assert alliance.do(roster.add_person, "operator", alliance.holders[holder], "UNEW", role)
        return
    with pytest.raises(Refused, match=r"roster\.role_does_not_fit"):
        alliance.do(roster.add_person, "operator", alliance.holders[holder], "UNEW", role)


def test_the_last_lead_stays_until_another_is_named(alliance: Alliance) -> None:
    lena = alliance.person("lena")
    with pytest.raises(Refused, match=r"roster\.last_lead"):
        alliance.do(roster.remove_person, "lena", alliance.holders["nordlys"], lena)
    alliance.do(roster.add_person, "lena", alliance.holders["nordlys"], "UEMIL", Role.LEAD)
    alliance.do(roster.remove_person, "lena", alliance.holders["nordlys"], lena)
    with pytest.raises(Denied):
        alliance.do(roster.add_person, "lena", alliance.holders["nordlys"], "UNEW", Role.EXPERT)


def test_two_leads_who_remove_each_other_leave_one(on_each: Alliance) -> None:
    on_each.do(roster.add_person, "lena", on_each.holders["nordlys"], "UEMIL", Role.LEAD)
    lena, emil = on_each.person("lena"), on_each.person("emil")

    async def race() -> list[Any]:
        return await asyncio.gather(
            *(
                on_each.store.run(roster.remove_person, who(by), on_each.holders["nordlys"], other, now=NOW)
                for by, other in (("lena", emil), ("emil", lena))
            ),
            return_exceptions=True,
        )

    outcomes = asyncio.run(race())
    assert sorted(outcome is None for outcome in outcomes) == [False, True]


def test_a_bot_or_a_closed_account_is_put_on_no_roster(alliance: Alliance) -> None:
    alliance.do(people.profile_changed, "emil", Profile(team_id=TEAM, user_id="UEMIL", deleted=True))
    with pytest.raises(Refused, match=r"roster\.cannot_act"):
        alliance.do(roster.add_person, "lena", alliance.holders["nordlys"], "UEMIL", Role.LEAD)


def test_a_closed_account_counts_at_once(alliance: Alliance) -> None:
    subject = Subject("case", holder_id=alliance.holders["nordlys"])
    alliance.do(people.profile_changed, "emil", Profile(team_id=TEAM, user_id="UEMIL", deleted=True))
    assert not alliance.store.read_sync(may, who("emil"), Operation.FILE_NOTICE, subject)


def test_a_guest_on_a_roster_answers_but_never_says_fake(alliance: Alliance) -> None:
    subject = Subject("case", holder_id=alliance.holders["nordlys"])
    alliance.do(people.profile_changed, "emil", Profile(team_id=TEAM, user_id="UEMIL", restricted=True))
    assert alliance.store.read_sync(may, who("emil"), Operation.ANSWER, subject)
    assert not alliance.store.read_sync(may, who("emil"), Operation.ANSWER_FAKE, subject)


def test_a_user_of_another_workspace_is_known_by_it_once_slack_has_said_so(alliance: Alliance) -> None:
    person = alliance.do(roster.add_person, "lena", alliance.holders["nordlys"], "UOTHER", Role.EXPERT)
    alliance.store.run_sync(
        people.note_profile, person, Profile(team_id="T2", user_id="UOTHER", name="Erik"), now=NOW
    )
    met = alliance.one(Person, user_id="UOTHER")
    assert (met.team_id, met.is_guest) == ("T2", True)


def test_a_person_who_is_met_is_looked_up_in_slack_once(on_each: Alliance) -> None:
    on_each.do(people.open_home, "visitor")
    on_each.do(people.open_home, "visitor")
    person = on_each.one(Person, user_id="UVISITOR")
    assert len(on_each.all(OutboxRow, kind="profile", subject_id=person.id)) == 1


def test_the_first_lead_and_standing_need_two_administrators(alliance: Alliance) -> None:
    alliance.do(register.create_holder, "ada", HOLDER)
    holder = alliance.one(RightsHolder, name="Oriel")
    with pytest.raises(Denied):
        alliance.do(roster.name_first_lead, "ada", holder.id, "UNEW", Role.LEAD)
    with pytest.raises(Denied):
        alliance.do(
            roster.name_first_lead,
            "ada",
            holder.id,
            "UNEW",
            Role.LEAD,
            proposed_by=alliance.person("ada"),
        )
    with pytest.raises(Denied):
        alliance.do(roster.set_standing, "ada", holder.id, Standing.GOOD_FAITH)
    assert alliance.one(RightsHolder, name="Oriel").standing is Standing.APPLICANT


def test_a_rights_holder_and_a_brand_are_in_the_register_once(on_each: Alliance) -> None:
    with pytest.raises(Refused, match=r"roster\.holder_exists"):
        on_each.do(register.create_holder, "ada", HOLDER.model_copy(update={"name": "  NORDLYS "}))
    with pytest.raises(Refused, match=r"roster\.brand_exists"):
        on_each.do(register.create_brand, "ada", on_each.holders["halden"], BrandForm(name="nordlys  BRAND"))
    with pytest.raises(Refused, match=r"roster\.bad_country"):
        on_each.do(register.create_holder, "ada", HOLDER.model_copy(update={"country": "ZZ"}))


def test_a_correction_of_the_register_is_kept(alliance: Alliance) -> None:
    alliance.do(register.change_holder, "ada", alliance.holders["halden"], HOLDER)
    assert alliance.one(RightsHolder, id=alliance.holders["halden"]).country == "SE"
    alliance.do(register.rename_brand, "ada", alliance.brands["halden"], BrandForm(name="Halden II"))
    assert alliance.one(Brand, id=alliance.brands["halden"]).name == "Halden II"
    with pytest.raises(Refused, match=r"roster\.brand_exists"):
        alliance.do(register.rename_brand, "ada", alliance.brands["halden"], BrandForm(name="Glen brand"))


@pytest.mark.parametrize("name", ["lena", "emil", "tess", "olga", "pia", "hugo", "nobody"])
def test_only_administrators_change_the_register(alliance: Alliance, name: str) -> None:
    holder, brand, group = (
        alliance.holders["nordlys"],
        alliance.brands["nordlys"],
        alliance.groups["shoes"],
    )
    mandate = alliance.one(Mandate)
    form = GroupForm(name="Bags", kind=GroupKind.COMMITTEE)
    acts: list[tuple[Any, ...]] = [
        (register.create_holder, HOLDER),
        (register.change_holder, holder, HOLDER),
        (register.create_brand, holder, BrandForm(name="Next")),
        (register.rename_brand, brand, BrandForm(name="Next")),
        (register.record_mandate, alliance.holders["glen"], holder, "letter"),
        (register.end_mandate, mandate.id),
        (roster.add_platform_staff, "UNEW"),
        (roster.remove_platform_staff, alliance.person("pia")),
        (groups.create_group, form),
        (groups.change_group, group, form),
        (groups.add_member, group, alliance.holders["tansy"]),
        (groups.remove_member, group, holder),
        (groups.name_chair, group, "UNEW"),
        (groups.remove_chair, group, alliance.person("hugo")),
    ]
    before = _register(alliance)
    for act, *args in acts:
        with pytest.raises(Denied):
            alliance.do(act, name, *args)
    assert _register(alliance) == before


def test_administrators_are_named_by_the_host_alone(alliance: Alliance) -> None:
    for name in ("ada", "lena", "nobody"):
        with pytest.raises(Denied):
            alliance.store.run_sync(roster.add_administrator, who(name), TEAM, "UNEW", NOW)
    for _ in range(2):
        alliance.store.run_sync(roster.add_administrator, who("operator"), TEAM, "UNEW", NOW)
    assert len(alliance.all(RoleGrant, person_id=alliance.person("new"))) == 1


def test_a_mandate_is_given_to_associations_alone_and_once(on_each: Alliance) -> None:
    glen, tansy, nordlys = (on_each.holders[name] for name in ("glen", "tansy", "nordlys"))
    for association, member in ((nordlys, tansy), (glen, glen)):
        with pytest.raises(Refused, match=r"roster\.no_association"):
            on_each.do(register.record_mandate, "ada", association, member, "letter")
    with pytest.raises(Refused, match=r"roster\.mandate_exists"):
        on_each.do(register.record_mandate, "ada", glen, tansy, "letter")
    subject = Subject("case", holder_id=tansy)
    assert on_each.store.read_sync(may, who("olga"), Operation.FILE_NOTICE, subject)
    on_each.do(register.end_mandate, "ada", on_each.one(Mandate).id)
    assert not on_each.store.read_sync(may, who("olga"), Operation.FILE_NOTICE, subject)


def test_a_group_keeps_its_members_and_chairs(on_each: Alliance) -> None:
    group = on_each.groups["shoes"]
    with pytest.raises(Refused, match=r"groups\.exists"):
        on_each.do(groups.create_group, "ada", GroupForm(name="SHOES", kind=GroupKind.INDUSTRY))
    with pytest.raises(Refused, match=r"groups\.member_already"):
        on_each.do(groups.add_member, "ada", group, on_each.holders["nordlys"])
    on_each.do(groups.remove_member, "ada", group, on_each.holders["nordlys"])
    with pytest.raises(Denied):
        on_each.do(groups.remove_member, "ada", group, on_each.holders["nordlys"])
    on_each.do(groups.add_member, "ada", group, on_each.holders["nordlys"])
    with pytest.raises(Refused, match=r"roster\.already_there"):
        on_each.do(groups.name_chair, "ada", group, "UHUGO")
    on_each.do(groups.remove_chair, "ada", group, on_each.person("hugo"))
    subject = Subject("group", group, group_id=group)
    assert not on_each.store.read_sync(may, who("hugo"), Operation.CONFIGURE_DIGEST, subject)


def _register(alliance: Alliance) -> list[int]:
    kinds = (RightsHolder, Brand, Person, RoleGrant, Mandate, WorkingGroup, GroupMember, AuditEntry)
    return [len(alliance.all(kind)) for kind in kinds]
