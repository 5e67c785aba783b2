"""Exports from end to end: a lead chooses, a workbook and a week's page come into the direct conversation."""

from io import BytesIO
from zipfile import ZipFile

from storage.records.exports import ExportSubject
from tests.bot_under_test import Product
from tests.counter_desk import INGRID, MIKKEL, CounterDesk
from tests.office import open_office, press, values
from tests.workspace import Json


async def files_of(product: Product, user: str, number: int) -> list[Json]:
    """The files in somebody's direct conversation with the bot, once there are so many."""

    async def look() -> list[Json] | None:
        found = [file for message in await product.ws.direct_messages(user) for file in message["files"]]
        return found if len(found) >= number else None

    seen = await product.ws.wait_for(look)
    assert seen is not None
    return seen


async def test_a_lead_exports_cases_and_gets_a_weeks_page_on_the_first_day(product: Product) -> None:
    desk, ws = CounterDesk(product), product.ws
    await desk.relay(await desk.removed(), statement="=HYPERLINK(1)")
    await ws.command(INGRID, "/goodfaith", ws.channel("brand-nordlys"))
    (view,) = await ws.views(INGRID)
    for action, value in (("office_go", "exports"), ("export_go", "export_form:")):
        (view,) = await ws.views(INGRID)
        place = next(
            (block["block_id"], element["value"])
            for block in view["blocks"]
            for element in [block.get("accessory"), *block.get("elements", [])]
            if element and element.get("action_id") == action and element["value"].startswith(value)
        )
        done = await ws.click_view(
            INGRID, view["id"], action, block_id=place[0], value=place[1], type="button"
        )
        assert done == {"ok": True}, done
    (view,) = await ws.views(INGRID)
    refused = await ws.submit(INGRID, view["id"], {"subjects": [], "format": "xlsx"})
    assert set(refused["errors"]) == {"subjects"}
    wanted = {"subjects": [each.value for each in ExportSubject], "format": "xlsx"}
    assert await ws.submit(INGRID, view["id"], wanted) == {"ok": True}
    (file,) = await files_of(product, INGRID, 1)
    content = ws.sandbox.memory.files[file["id"]].content
    with ZipFile(BytesIO(content)) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        told = "".join(book.read(name).decode() for name in sheets)
    assert len(sheets) == len(ExportSubject)
    assert "'=HYPERLINK(1)" in told
    assert "<f>" not in told

    (view,) = await ws.views(INGRID)
    back = next(b for b in view["blocks"] if "office_back" in str(b))
    await ws.click_view(INGRID, view["id"], "office_back", block_id=back["block_id"])
    (view,) = await ws.views(INGRID)
    assert await ws.click_view(INGRID, view["id"], "export_report") == {"ok": True}
    *_, page = await files_of(product, INGRID, 2)
    assert ws.sandbox.memory.files[page["id"]].content.startswith(b"\x89PNG")
    assert "Nordlys" in ws.sandbox.memory.files[page["id"]].alt_text
    (view,) = await ws.views(INGRID)
    assert await ws.click_view(INGRID, view["id"], "export_start_weekly") == {"ok": True}
    (view,) = await ws.views(INGRID)
    assert "export_stop_weekly" in str(view["blocks"])
    await ws.advance(8 * 86_400)
    await files_of(product, INGRID, 3)
    assert [file for message in await ws.direct_messages(MIKKEL) for file in message["files"]] == []


async def test_a_chair_has_the_groups_figures_as_a_file(product: Product) -> None:
    ws, chair = product.ws, product.ws.member("Hannah")
    view = await open_office(ws, chair, ws.channel("alliance-lobby"))
    for address in ("aggregates", "aggregate_form:group-"):
        found = next(value for value in values(view) if value.startswith(address))
        view = await press(ws, chair, view, found)
    refused = await ws.submit(chair, view["id"], {"spans": [], "format": "csv"})
    assert set(refused["errors"]) == {"spans"}
    assert await ws.submit(chair, view["id"], {"spans": ["month"], "format": "csv"}) == {"ok": True}
    (file,) = await files_of(product, chair, 1)
    lines = ws.sandbox.memory.files[file["id"]].content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"Stretch","First day"')
    assert {line.split(",")[0] for line in lines[1:]} == {'"Month"'}
    assert any("too few to show" in line for line in lines)
