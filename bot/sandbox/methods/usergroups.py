"""usergroups.*: named lists of people. A test orders the refusals of a plan that has none as faults."""

import time

from bot.sandbox.methods.table import Method, flag, required
from bot.sandbox.records import Json, UserGroup
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.workspace import new_id


def list_all(sandbox: Sandbox, arguments: Json) -> Json:
    """usergroups.list: those in use, the disabled ones only where they are asked for"""
    found = [
        group
        for group in sandbox.memory.user_groups.values()
        if flag(arguments, "include_disabled") or not group.disabled
    ]
    users = flag(arguments, "include_users")
    return {"ok": True, "usergroups": [_shown(sandbox, group, users=users) for group in found]}


def create(sandbox: Sandbox, arguments: Json) -> Json:
    """usergroups.create: name and handle are each taken once, by disabled groups too"""
    name, handle = str(required(arguments, "name")), str(arguments.get("handle") or "")
    _free(sandbox, name, handle, None)
    made = UserGroup(
        new_id("S"),
        name,
        handle or name.lower().replace(" ", "-"),
        str(arguments.get("description") or ""),
        created_by=sandbox.memory.bot_user_id,
    )
    sandbox.memory.user_groups[made.id] = made
    return {"ok": True, "usergroup": _shown(sandbox, made)}


def update(sandbox: Sandbox, arguments: Json) -> Json:
    """usergroups.update: what is not given stays"""
    group = _found(sandbox, arguments)
    name, handle = (str(arguments.get(each) or "") for each in ("name", "handle"))
    _free(sandbox, name, handle, group)
    group.name, group.handle = name or group.name, handle or group.handle
    group.description = str(arguments.get("description") or group.description)
    return {"ok": True, "usergroup": _shown(sandbox, group)}


def enable(sandbox: Sandbox, arguments: Json) -> Json:
    """usergroups.enable"""
    group = _found(sandbox, arguments)
    if not group.disabled:
        raise Refusal("already_enabled")
    group.disabled = False
    return {"ok": True, "usergroup": _shown(sandbox, group)}


def disable(sandbox: Sandbox, arguments: Json) -> Json:
    """usergroups.disable: the only way to empty one"""
    group = _found(sandbox, arguments)
    if group.disabled:
        raise Refusal("already_disabled")
    group.disabled = True
    return {"ok": True, "usergroup": _shown(sandbox, group)}


def users_list(sandbox: Sandbox, arguments: Json) -> Json:
    """usergroups.users.list"""
    return {"ok": True, "users": list(_found(sandbox, arguments).users)}


def users_update(sandbox: Sandbox, arguments: Json) -> Json:
    """usergroups.users.update: the whole list anew, of full members alone and never an empty one"""
    group = _found(sandbox, arguments)
    wanted = arguments.get("users") or ""
    users = wanted if isinstance(wanted, list) else [user for user in str(wanted).split(",") if user]
    if not users:
        raise Refusal("no_users_provided")
    for user in users:
        person = sandbox.memory.people.get(str(user))
        if person is None or person.deleted or person.guest or person.single_channel or person.bot:
            raise Refusal("invalid_users")
        if person.team_id and person.team_id != sandbox.memory.team_id:
            raise Refusal("invalid_users")
    group.users = list(dict.fromkeys(users))
    return {"ok": True, "usergroup": _shown(sandbox, group, users=True)}


def _free(sandbox: Sandbox, name: str, handle: str, but: UserGroup | None) -> None:
    """Refuse what another one has; people and channels have handles as well."""
    others = [group for group in sandbox.memory.user_groups.values() if group is not but]
    if any(group.name.casefold() == name.casefold() for group in others):
        raise Refusal("name_already_exists")
    taken = {group.handle for group in others}
    taken |= {person.handle for person in sandbox.memory.people.values()}
    taken |= {channel.name for channel in sandbox.memory.channels.values()}
    if handle and handle in taken:
        raise Refusal("handle_already_exists")


def _found(sandbox: Sandbox, arguments: Json) -> UserGroup:
    found = sandbox.memory.user_groups.get(str(required(arguments, "usergroup")))
    if found is None:
        raise Refusal("no_such_subteam")
    return found


def _shown(sandbox: Sandbox, group: UserGroup, *, users: bool = False) -> Json:
    body: Json = {
        "id": group.id,
        "team_id": sandbox.memory.team_id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": group.description,
        "is_external": False,
        "date_delete": int(time.time()) if group.disabled else 0,
        "created_by": group.created_by,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.users),
    }
    return body | {"users": list(group.users)} if users else body


METHODS = {
    "usergroups.list": Method(list_all, "usergroups:read", form_only=True),
    "usergroups.create": Method(create, "usergroups:write"),
    "usergroups.update": Method(update, "usergroups:write"),
    "usergroups.enable": Method(enable, "usergroups:write"),
    "usergroups.disable": Method(disable, "usergroups:write"),
    "usergroups.users.list": Method(users_list, "usergroups:read", form_only=True),
    "usergroups.users.update": Method(users_update, "usergroups:write"),
}
