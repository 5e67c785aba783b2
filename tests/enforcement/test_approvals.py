"""What two administrators must agree on: asked by one, confirmed by another, done once."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bot.enforcement import approvals, people, platform, roster
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.approvals import ActName
from bot.enforcement.outgoing import Drawing
from bot.enforcement.people import Profile
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.records.approvals import Approval, ApprovalState
from storage.records.audit import AuditEntry
from storage.records.outbox import OutboxRow
from storage.records.platform import ApiKey, PlatformClient
from storage.records.roster import RightsHolder, Role, Standing
from tests.enforcement.alliance import NOW, TEAM, Alliance, found, who


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return found(sqlite_store)


@pytest.fixture
def on_each(store: Store) -> Alliance:
    """The same on each database, where a constraint, a lock or a race decides."""
    return found(store)


def standing(alliance: Alliance) -> dict[str, str]:
    """What is asked most often."""
    return {"holder_id": alliance.holders["halden"], "standing": Standing.GOOD_FAITH.value}


def ask(alliance: Alliance, by: str, act: ActName, given: Mapping[str, str]) -> str:
    approval: str = alliance.do(approvals.ask, by, act, given)
    return approval


def connect(alliance: Alliance) -> str:
    """A marketplace that is connected already."""
    client = alliance.store.run_sync(
        platform.create_client, OPERATOR, "Open Bazaar", "openbazaar", "https://market.example/h", now=NOW
    )
    return str(client.id)


def test_a_proposal_reaches_the_other_administrators_and_changes_nothing_yet(alliance: Alliance) -> None:
    approval = ask(alliance, "ada", ActName.SET_STANDING, standing(alliance))
    assert alliance.drawn(Drawing.APPROVAL_CARD) == {(approval, "UALAN")}
    assert alliance.one(RightsHolder, id=alliance.holders["halden"]).standing is Standing.APPLICANT


def test_the_second_administrator_makes_it_so(alliance: Alliance) -> None:
    approval = ask(alliance, "ada", ActName.SET_STANDING, standing(alliance))
    alliance.do(approvals.confirm, "alan", approval)
    assert alliance.one(RightsHolder, id=alliance.holders["halden"]).standing is Standing.GOOD_FAITH
    decided = alliance.one(Approval, id=approval)
    assert (decided.state, decided.decided_by) == (ApprovalState.CONFIRMED, alliance.person("alan"))
    outcomes = [row.outcome for row in alliance.all(AuditEntry, operation="set_standing")]
    assert sorted(outcomes) == ["confirmed", "done", "proposed"]


def test_nobody_confirms_their_own_proposal(alliance: Alliance) -> None:
    approval = ask(alliance, "ada", ActName.SET_STANDING, standing(alliance))
    with pytest.raises(Refused, match=r"approvals\.own"):
        alliance.do(approvals.confirm, "ada", approval)
    assert alliance.one(Approval, id=approval).state is ApprovalState.OPEN


@pytest.mark.parametrize("name", ["lena", "pia", "olga", "hugo", "nobody"])
def test_only_administrators_ask_and_decide(alliance: Alliance, name: str) -> None:
    approval = ask(alliance, "ada", ActName.SET_STANDING, standing(alliance))
    for act, given in (
        (ActName.SET_STANDING, standing(alliance)),
        (ActName.CREATE_KEY, {"client_id": "01ANY"}),
        (ActName.NAME_FIRST_LEAD, {"holder_id": alliance.holders["glen"], "user_id": "U1", "role": "lead"}),
    ):
        with pytest.raises(Denied):
            ask(alliance, name, act, given)
    for decide in (approvals.confirm, approvals.decline):
        with pytest.raises(Denied):
            alliance.do(decide, name, approval)
        with pytest.raises(Denied):
            alliance.do(decide, name, "01MISSING")
    assert len(alliance.all(Approval)) == 1


def test_an_administrator_who_lost_the_role_confirms_nothing(alliance: Alliance) -> None:
    approval = ask(alliance, "ada", ActName.SET_STANDING, standing(alliance))
    alliance.do(people.profile_changed, "alan", Profile(team_id=TEAM, user_id="UALAN", deleted=True))
    with pytest.raises(Denied):
        alliance.do(approvals.confirm, "alan", approval)


def test_without_a_second_administrator_nothing_is_asked(alliance: Alliance) -> None:
    alliance.do(people.profile_changed, "alan", Profile(team_id=TEAM, user_id="UALAN", deleted=True))
    with pytest.raises(Refused, match=r"approvals\.nobody_else"):
        ask(alliance, "ada", ActName.SET_STANDING, standing(alliance))


def test_what_was_asked_already_or_cannot_be_is_refused_when_asked(on_each: Alliance) -> None:
    ask(on_each, "ada", ActName.SET_STANDING, standing(on_each))
    nordlys = on_each.holders["nordlys"]
    client = connect(on_each)
    market = {"name": "Again", "marketplace": "OpenBazaar", "webhook_url": "https://m.example/h"}
    cases: list[tuple[ActName, dict[str, str], str]] = [
        (ActName.SET_STANDING, standing(on_each), "approvals.asked_already"),
        (ActName.SET_STANDING, standing(on_each) | {"standing": "applicant"}, "roster.same_standing"),
        (
            ActName.NAME_FIRST_LEAD,
            {"holder_id": nordlys, "user_id": "U1", "role": "lead"},
            "roster.has_lead",
        ),
        (
            ActName.NAME_FIRST_LEAD,
            {"holder_id": nordlys, "user_id": "U1", "role": "expert"},
            "roster.not_leading",
        ),
        (ActName.CONNECT_PLATFORM, market, "platform.marketplace_taken"),
        (
            ActName.CONNECT_PLATFORM,
            market | {"marketplace": "x", "webhook_url": "nonsense"},
            "platform.bad_webhook_url",
        ),
        (
            ActName.CHANGE_WEBHOOK,
            {"client_id": client, "webhook_url": "nonsense"},
            "platform.bad_webhook_url",
        ),
    ]
    for act, given, key in cases:
        with pytest.raises(Refused) as refused:
            ask(on_each, "alan", act, given)
        assert refused.value.key == key


def test_a_first_lead_is_named_by_two_and_keeps_the_roster_from_then_on(alliance: Alliance) -> None:
    glen = alliance.holders["glen"]
    approval = ask(
        alliance,
        "ada",
        ActName.NAME_FIRST_LEAD,
        {"holder_id": glen, "user_id": "UGREG", "role": "lead"},
    )
    alliance.do(approvals.confirm, "alan", approval)
    assert alliance.do(roster.add_person, "greg", glen, "UNEW", Role.EXPERT)


def test_a_key_goes_to_the_one_who_confirms_and_is_kept_nowhere(on_each: Alliance) -> None:
    client = connect(on_each)
    made = on_each.do(
        approvals.confirm, "alan", ask(on_each, "ada", ActName.CREATE_KEY, {"client_id": client})
    )
    secret = made.api_key.rpartition("_")[2]
    assert on_each.store.read_sync(platform.authenticate, made.api_key).client_id == client
    kept = [*on_each.all(Approval), *on_each.all(AuditEntry), *on_each.all(OutboxRow)]
    kept += on_each.all(ApiKey)
    assert not any(secret in repr(row) for row in kept)


def test_a_marketplace_is_connected_with_a_key_and_a_secret(alliance: Alliance) -> None:
    given = {"name": "New Market", "marketplace": "newmarket", "webhook_url": "https://n.example/hooks"}
    made = alliance.do(approvals.confirm, "alan", ask(alliance, "ada", ActName.CONNECT_PLATFORM, given))
    client = alliance.one(PlatformClient, marketplace="newmarket")
    assert (made.client_id, made.secret_version) == (client.id, 1)
    assert alliance.store.read_sync(platform.authenticate, made.api_key).client_id == client.id
    key = alliance.one(ApiKey, client_id=client.id)
    for act, more in (
        (ActName.ROTATE_SECRET, {}),
        (ActName.CHANGE_WEBHOOK, {"webhook_url": "https://n.example/next"}),
        (ActName.REVOKE_KEY, {"key_id": key.id}),
    ):
        alliance.do(approvals.confirm, "ada", ask(alliance, "alan", act, {"client_id": client.id} | more))
    changed = alliance.one(PlatformClient, marketplace="newmarket")
    assert (changed.secret_version, changed.webhook_url) == (2, "https://n.example/next")
    with pytest.raises(platform.Unauthorised):
        alliance.store.read_sync(platform.authenticate, made.api_key)


def test_what_was_declined_or_taken_back_is_not_done(alliance: Alliance) -> None:
    for by in ("alan", "ada"):
        approval = ask(alliance, "ada", ActName.SET_STANDING, standing(alliance))
        alliance.do(approvals.decline, by, approval)
        with pytest.raises(Refused, match=r"approvals\.decided"):
            alliance.do(approvals.confirm, "alan", approval)
    assert alliance.one(RightsHolder, id=alliance.holders["halden"]).standing is Standing.APPLICANT


def test_staff_and_leads_take_back_what_they_asked_for_themselves_and_nothing_else(on_each: Alliance) -> None:
    alliance = on_each
    given = {"holder_id": alliance.holders["nordlys"], "lane": "partner"}
    approval = ask(alliance, "pia", ActName.JOIN_LANE, given)
    assert alliance.drawn(Drawing.APPROVAL_CARD) == {
        (approval, "UADA"),
        (approval, "UALAN"),
        (approval, "UPIA"),
    }
    theirs = ask(alliance, "ada", ActName.JOIN_LANE, given | {"lane": "designs"})
    for name, each in (("pia", theirs), ("lena", approval), ("hugo", approval), ("nobody", approval)):
        with pytest.raises(Denied):
            alliance.do(approvals.decline, name, each)
    with pytest.raises(Denied):
        alliance.do(approvals.confirm, "pia", approval)
    alliance.do(approvals.decline, "pia", approval)
    decided = alliance.one(Approval, id=approval)
    assert (decided.state, decided.decided_by) == (ApprovalState.DECLINED, alliance.person("pia"))
    with pytest.raises(Refused, match=r"approvals\.decided"):
        alliance.do(approvals.decline, "pia", approval)


def test_two_clicks_confirm_once(on_each: Alliance) -> None:
    client = connect(on_each)
    approval = ask(on_each, "ada", ActName.CREATE_KEY, {"client_id": client})

    async def race() -> list[Any]:
        clicks = (on_each.store.run(approvals.confirm, who("alan"), approval, now=NOW) for _ in range(5))
        return await asyncio.gather(*clicks, return_exceptions=True)

    outcomes = asyncio.run(race())
    assert sum(not isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert len(on_each.all(ApiKey)) == 1
