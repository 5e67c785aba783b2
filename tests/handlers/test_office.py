"""The register by hand: what each role is offered, joiners and leavers, what a form says to a mistake."""

from sqlmodel import Session, col, select

from storage.records.audit import AuditEntry
from storage.records.authenticity import Verdict
from storage.records.roster import Person, RightsHolder, Role, RoleGrant
from tests.bot_under_test import Product
from tests.office import changed, go, open_office, press, texts, top, values

pytest_plugins = ["tests.bot_under_test"]


def holder_id(product: Product, name: str) -> str:
    def read(session: Session) -> str:
        return session.exec(select(RightsHolder.id).where(col(RightsHolder.name) == name)).one()

    return product.store.read_sync(read)


def roles_of(product: Product, user_id: str) -> set[Role]:
    def read(session: Session) -> set[Role]:
        rows = session.exec(
            select(RoleGrant.role)
            .join(Person, col(Person.id) == col(RoleGrant.person_id))
            .where(col(Person.user_id) == user_id, col(RoleGrant.until).is_(None))
        )
        return {Role(role) for role in rows}

    return product.store.read_sync(read)


async def test_help_says_to_each_role_what_it_can_do(product: Product) -> None:
    ws = product.ws
    expected = {
        "Mikkel": ("brand-nordlys", "genuine or fake", []),
        "Ingrid": ("brand-nordlys", "manage the roster", ["roster:"]),
        "Fiona": ("brand-glen-avon", "written mandate", ["roster:", "group:"]),
        "Wei": ("openbazaar-team", "assign requests", []),
        "Noor": ("openbazaar-team", "You keep the register", ["holders", "groups", "platform", "rights"]),
    }
    for name, (channel, sentence, leads_to) in expected.items():
        view = await open_office(ws, ws.member(name), ws.channel(channel))
        assert sentence in texts(view), name
        for address in leads_to:
            assert any(value.startswith(address) for value in values(view)), (name, address)
        assert ("holders" in values(view)) == (name == "Noor")


async def test_a_stranger_is_told_whom_to_ask(product: Product) -> None:
    ws = product.ws
    view = await open_office(ws, ws.member("Gail"), ws.channel("alliance-lobby"))
    assert f"<@{ws.member('Noor')}>" in texts(view)
    assert values(view) == []


async def test_a_lead_adds_a_person_who_acts_at_once_and_removes_them_who_then_cannot(
    product: Product,
) -> None:
    ws, lead, joiner = product.ws, product.ws.member("Ingrid"), product.ws.member("Kwame")
    holder = holder_id(product, "Nordlys AS")
    view = await go(ws, lead, ws.channel("brand-nordlys"), f"roster:{holder}", f"person_form:{holder}")
    answer = await ws.submit(lead, view["id"], {"person": joiner, "role": "expert"})
    assert answer.get("ok"), answer
    view = await changed(ws, lead, view)
    assert f"<@{joiner}>" in texts(view)
    assert Role.EXPERT in roles_of(product, joiner)

    home = await _home(product, joiner)
    assert "Nordlys AS" in texts(home)

    kwame = _person_id(product, joiner)
    view = await press(ws, lead, view, f"colleague:{holder}-{kwame}")
    view = await press(ws, lead, view, f"{holder}:{kwame}")
    assert f"<@{joiner}>" not in texts(view)
    assert Role.EXPERT not in roles_of(product, joiner)
    home = await _home(product, joiner, without="Nordlys AS")
    assert "Stride Union" in texts(home)


async def test_a_person_who_has_that_role_already_is_refused_on_the_field(product: Product) -> None:
    ws, lead = product.ws, product.ws.member("Ingrid")
    holder = holder_id(product, "Nordlys AS")
    view = await go(ws, lead, ws.channel("brand-nordlys"), f"roster:{holder}", f"person_form:{holder}")
    answer = await ws.submit(lead, view["id"], {"person": ws.member("Mikkel"), "role": "expert"})
    assert answer == {"errors": {"person": "This person has that role already."}}


async def test_the_last_lead_cannot_be_removed(product: Product) -> None:
    ws, lead = product.ws, product.ws.member("Ingrid")
    holder = holder_id(product, "Nordlys AS")
    view = await go(ws, lead, ws.channel("brand-nordlys"), f"roster:{holder}")
    me = _person_id(product, lead)
    view = await press(ws, lead, view, f"colleague:{holder}-{me}")
    answer = await ws.submit(lead, view["id"], {"roles": ["expert"]})
    assert "Name another lead first" in answer["errors"]["roles"]
    await press(ws, lead, view, f"{holder}:{me}")
    assert "Name another lead first" in texts(await top(ws, lead))
    assert Role.LEAD in roles_of(product, lead)


async def test_an_administrator_founds_a_rights_holder_with_a_brand(product: Product) -> None:
    ws, admin = product.ws, product.ws.member("Noor")
    view = await go(ws, admin, ws.channel("openbazaar-team"), "holders", "holder_form")
    typed = {
        "name": "Nordlys AS",
        "kind": "company",
        "size": "small",
        "industry": "accessories",
        "country": "SE",
    }
    answer = await ws.submit(admin, view["id"], typed)
    assert answer == {"errors": {"name": "Nordlys AS is in the register already."}}
    answer = await ws.submit(admin, view["id"], typed | {"name": "Vinter Bags", "country": "XX"})
    assert list(answer["errors"]) == ["country"]
    answer = await ws.submit(admin, view["id"], typed | {"name": "Vinter <Bags> & *Co*"})
    assert answer.get("ok"), answer
    view = await changed(ws, admin, view)
    assert "Applicant" in texts(view)
    holder = holder_id(product, "Vinter <Bags> & *Co*")
    view = await press(ws, admin, view, f"brand_form:{holder}")
    answer = await ws.submit(admin, view["id"], {"name": "nordlys"})
    assert answer == {"errors": {"name": "A brand named nordlys is in the register already."}}
    answer = await ws.submit(admin, view["id"], {"name": "Vinter"})
    assert answer.get("ok"), answer
    assert "*Vinter*" in texts(await changed(ws, admin, view))


async def test_a_right_is_registered_by_the_lead_and_confirmed_by_an_administrator(product: Product) -> None:
    ws, lead, admin = product.ws, product.ws.member("Ingrid"), product.ws.member("Noor")
    holder = holder_id(product, "Nordlys AS")
    view = await go(ws, lead, ws.channel("brand-nordlys"), f"roster:{holder}", f"right_form:{holder}")
    typed = {"kind": "trademark", "title": "NORDLYS TRAIL", "office": "EUIPO", "territory": "European Union"}
    answer = await ws.submit(lead, view["id"], typed)
    assert list(answer["errors"]) == ["number"]
    answer = await ws.submit(lead, view["id"], typed | {"number": "018999001", "expires_on": "2020-01-01"})
    assert list(answer["errors"]) == ["expires_on"]
    answer = await ws.submit(lead, view["id"], typed | {"number": "018999001", "certificate": "javascript:1"})
    assert list(answer["errors"]) == ["certificate"]
    proof = "https://euipo.example/018999001"
    answer = await ws.submit(
        lead, view["id"], typed | {"number": "018999001", "certificate": proof, "expires_on": "2040-01-01"}
    )
    assert answer.get("ok"), answer

    view = await go(ws, admin, ws.channel("openbazaar-team"), "rights")
    assert "NORDLYS TRAIL" in texts(view)
    (right,) = [value for value in values(view) if value != "menu"]
    view = await press(ws, admin, view, right)
    assert "NORDLYS TRAIL" not in texts(view)


async def test_a_group_gets_a_member_and_a_chair(product: Product) -> None:
    ws, admin = product.ws, product.ws.member("Noor")
    view = await go(ws, admin, ws.channel("openbazaar-team"), "groups", "group_form")
    answer = await ws.submit(admin, view["id"], {"name": "Bags and belts", "kind": "industry"})
    assert answer.get("ok"), answer
    view = await changed(ws, admin, view)
    (address,) = [value for value in values(view) if value.startswith("member_form:")]
    view = await press(ws, admin, view, address)
    offered = await ws.options(admin, view["id"], "office_pick_holder", "nord")
    (option,) = offered["options"]
    answer = await ws.submit(admin, view["id"], {"member": option})
    assert answer.get("ok"), answer
    view = await changed(ws, admin, view)
    assert "Nordlys AS" in texts(view)
    group = address.partition(":")[2]
    view = await press(ws, admin, view, f"chair_form:{group}")
    answer = await ws.submit(admin, view["id"], {"person": ws.member("Ingrid")})
    assert answer.get("ok"), answer
    assert Role.GROUP_CHAIR in roles_of(product, ws.member("Ingrid"))


async def _home(product: Product, user: str, *, without: str = "") -> dict[str, object]:
    ws = product.ws
    await ws.open_home(user)

    async def look() -> dict[str, object] | None:
        home = await ws.home(user)
        return home if home and (not without or without not in texts(home)) else None

    found = await ws.wait_for(look)
    assert found is not None
    return found


def _person_id(product: Product, user_id: str) -> str:
    def read(session: Session) -> str:
        return session.exec(select(Person.id).where(col(Person.user_id) == user_id)).one()

    return product.store.read_sync(read)


async def test_a_leavers_click_is_refused_and_leaves_only_its_trace(product: Product) -> None:
    ws, lead, leaver = product.ws, product.ws.member("Ingrid"), product.ws.member("Mikkel")
    channel = ws.channel("brand-nordlys")
    offered = await ws.market("listings", q="Nordlys")
    await ws.ask([offered["listings"][0]["id"]], brand="Nordlys")

    async def card() -> dict[str, object] | None:
        return next((m for m in await ws.messages(leaver, channel) if "request_genuine" in str(m)), None)

    shown = await ws.wait_for(card)
    assert shown is not None
    holder = holder_id(product, "Nordlys AS")
    person = _person_id(product, leaver)
    view = await go(ws, lead, channel, f"roster:{holder}", f"colleague:{holder}-{person}")
    await press(ws, lead, view, f"{holder}:{person}")
    await ws.click(leaver, channel, str(shown["ts"]), "request_genuine")

    async def told() -> bool:
        return any("does not exist" in message["text"] for message in await ws.messages(leaver, channel))

    assert await ws.wait_for(told)

    def traces(session: Session) -> tuple[int, int]:
        denied = session.exec(select(AuditEntry).where(col(AuditEntry.outcome) == "denied")).all()
        return len(denied), len(session.exec(select(Verdict)).all())

    assert product.store.read_sync(traces) == (1, 0)
