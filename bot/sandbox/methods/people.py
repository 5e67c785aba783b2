"""auth.test, team.info, users.*: who the app is and who the others are."""

from bot.sandbox.methods.table import Method, flag, one_page, required
from bot.sandbox.records import Json
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack_json import app_user_json, bot_id, person_json


def auth_test(sandbox: Sandbox, _: Json) -> Json:
    """auth.test"""
    memory = sandbox.memory
    return {
        "ok": True,
        "url": f"{sandbox.base_url}/",
        "team": memory.team_name,
        "user": memory.bot_name.lower(),
        "team_id": memory.team_id,
        "user_id": memory.bot_user_id,
        "bot_id": bot_id(sandbox.workspace),
        "is_enterprise_install": False,
    }


def team_info(sandbox: Sandbox, _: Json) -> Json:
    """team.info"""
    memory = sandbox.memory
    return {"ok": True, "team": {"id": memory.team_id, "name": memory.team_name, "domain": "sandbox"}}


def users_info(sandbox: Sandbox, arguments: Json) -> Json:
    """users.info"""
    user = str(required(arguments, "user"))
    if user == sandbox.memory.bot_user_id:
        return {"ok": True, "user": app_user_json(sandbox.workspace)}
    person = sandbox.workspace.person(user)
    locale = flag(arguments, "include_locale")
    return {
        "ok": True,
        "user": person_json(sandbox.workspace, person, email=_email(sandbox), locale=locale),
    }


def users_list(sandbox: Sandbox, arguments: Json) -> Json:
    """users.list"""
    locale = flag(arguments, "include_locale")
    people = [
        person_json(sandbox.workspace, person, email=_email(sandbox), locale=locale)
        for person in sandbox.memory.people.values()
    ]
    return one_page([*people, app_user_json(sandbox.workspace)], "members", arguments, 1000)


def _email(sandbox: Sandbox) -> bool:
    return "users:read.email" in sandbox.manifest.scopes


def open_connection(sandbox: Sandbox, _: Json) -> Json:
    """apps.connections.open"""
    return {"ok": True, "url": sandbox.socket.new_address(sandbox.base_url)}


METHODS = {
    "auth.test": Method(auth_test),
    "team.info": Method(team_info, "team:read", form_only=True),
    "users.info": Method(users_info, "users:read", form_only=True),
    "users.list": Method(users_list, "users:read", form_only=True),
    "apps.connections.open": Method(open_connection, app_token=True),
}
