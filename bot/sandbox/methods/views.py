"""views.*: modals by trigger, App Home by user, all under their hash."""

from bot.sandbox.methods.table import Method, required
from bot.sandbox.records import Json, View
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack_json import view_json


def _answer(sandbox: Sandbox, view: View) -> Json:
    return {"ok": True, "view": view_json(sandbox.workspace, view)}


def open_view(sandbox: Sandbox, arguments: Json) -> Json:
    """views.open"""
    document = required(arguments, "view")
    user = sandbox.tickets.exchange(str(required(arguments, "trigger_id")))
    return _answer(sandbox, sandbox.views.open(user, document))


def push(sandbox: Sandbox, arguments: Json) -> Json:
    """views.push"""
    document = required(arguments, "view")
    user = sandbox.tickets.exchange(str(required(arguments, "trigger_id")))
    return _answer(sandbox, sandbox.views.push(user, document))


def update(sandbox: Sandbox, arguments: Json) -> Json:
    """views.update, by view_id or external_id"""
    document = required(arguments, "view")
    if arguments.get("view_id"):
        view = sandbox.views.find(str(arguments["view_id"]))
    else:
        view = sandbox.views.find_external(str(required(arguments, "external_id")))
    sandbox.views.update(view, document, arguments.get("hash"))
    return _answer(sandbox, view)


def publish(sandbox: Sandbox, arguments: Json) -> Json:
    """views.publish"""
    if not sandbox.manifest.home_enabled:
        raise Refusal("not_enabled")
    user = sandbox.workspace.person(str(required(arguments, "user_id"))).user_id
    document = required(arguments, "view")
    return _answer(sandbox, sandbox.views.publish(user, document, arguments.get("hash")))


METHODS = {
    "views.open": Method(open_view),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}
