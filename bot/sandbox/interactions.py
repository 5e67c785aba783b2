"""What people do: commands, clicks, forms and shortcuts, sent as Slack sends them, the answers obeyed."""

from typing import Any

from bot.sandbox import slack_json
from bot.sandbox.delivery import Answer
from bot.sandbox.forms import VALUE_FIELD, State, elements, find_element, merged_state, submission_errors
from bot.sandbox.limits import check_message
from bot.sandbox.records import Channel, Json, Message, Person, View
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox

WHY = {
    "http_timeout": "the app did not respond within 3 seconds",
    "connection_failed": "the app could not be reached",
    "http_error": "the app answered with an error",
}


class Problem(Exception):
    """A sentence for the person: what they tried did not work."""


class Interactions:
    """Turns what a person did into payloads."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def command(self, person: Person, channel: Channel, line: str) -> None:
        """A slash command.

        :raises Problem: no such command, a person of another team, or the app did not acknowledge
        """
        name, *rest = line.split(maxsplit=1)
        if self.sandbox.manifest.command(name) is None or self._foreign(person):
            raise Problem(f"{name} is not a valid command.")
        response_key = self.sandbox.tickets.new_response_url(person.user_id, channel.channel_id)
        memory = self.sandbox.memory
        payload = {
            "token": "verification-token",
            "team_id": memory.team_id,
            "team_domain": "sandbox",
            "channel_id": channel.channel_id,
            "channel_name": self._channel_name(channel),
            "user_id": person.user_id,
            "user_name": person.handle,
            "command": name,
            "text": "".join(rest),
            "api_app_id": memory.app_id,
            "is_enterprise_install": "false",
            "response_url": f"{self.sandbox.base_url}/commands/{memory.team_id}/{response_key}",
            "trigger_id": self.sandbox.tickets.new_trigger(person.user_id),
        }
        answer = await self.sandbox.delivery.send("slash_commands", payload)
        if answer.problem:
            raise Problem(f"{name} failed because {WHY[answer.problem]}.")
        if answer.body:
            self.say(person, channel, _as_document(answer.body), thread_ts=None)

    def say(self, person: Person, channel: Channel, document: Json, thread_ts: str | None) -> None:
        """Post the app's answer to one person, or to all where it asks for `in_channel`.

        :raises Refusal: as for any message
        """
        text, blocks = str(document.get("text") or ""), document.get("blocks")
        check_message(text, blocks, document.get("attachments"), self.sandbox.reach)
        in_channel = document.get("response_type") == "in_channel"
        self.sandbox.workspace.post(
            channel,
            self.sandbox.memory.bot_user_id,
            text,
            blocks=blocks,
            attachments=document.get("attachments"),
            thread_ts=thread_ts if in_channel else None,
            ephemeral_for=None if in_channel else person.user_id,
        )

    async def click_message(
        self, person: Person, message: Message, block_id: str, action_id: str, given: Json, typed: State
    ) -> None:
        """An element in a message.

        :raises Problem: the element does not exist or the app did not acknowledge
        """
        blocks = message.blocks or []
        action = self._action(blocks, block_id, action_id, given)
        channel = self.sandbox.workspace.channel(message.channel)
        ephemeral = message.ephemeral_for is not None
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": ephemeral,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._interaction("block_actions", person) | {
            "container": container,
            "channel": {"id": message.channel, "name": self._channel_name(channel)},
            "state": {"values": merged_state(blocks, typed)},
            "response_url": self._response_url(person, message),
            "actions": [action],
        }
        if not ephemeral:
            payload["message"] = slack_json.message_json(self.sandbox.workspace, message)
        self._check(await self.sandbox.delivery.send("interactive", payload), action)

    async def click_view(
        self, person: Person, view: View, block_id: str, action_id: str, given: Json, typed: State
    ) -> None:
        """An element in a modal or in App Home.

        :raises Problem: the element does not exist or the app did not acknowledge
        """
        action = self._action(view.blocks, block_id, action_id, given)
        name = VALUE_FIELD.get(action["type"])
        if name is not None:
            typed.setdefault(block_id, {})[action_id] = {"type": action["type"], name: action.get(name)}
        view.state = merged_state(view.blocks, self._with_files(typed))
        shown = slack_json.view_json(self.sandbox.workspace, view)
        payload = self._interaction("block_actions", person) | {
            "container": {"type": "view", "view_id": view.id},
            "view": shown,
            "state": shown["state"],
            "actions": [action],
        }
        self._check(await self.sandbox.delivery.send("interactive", payload), action)

    async def submit(self, person: Person, view: View, typed: State) -> dict[str, str]:
        """Submit the top modal; gives back errors by block id, empty when it was taken.

        :raises Problem: the app did not acknowledge or answered something that Slack would not take
        """
        view.state = merged_state(view.blocks, self._with_files(typed))
        if errors := submission_errors(view.blocks, view.state):
            return errors
        payload = self._interaction("view_submission", person) | {
            "view": slack_json.view_json(self.sandbox.workspace, view),
            "response_urls": [],
        }
        self._give_files(view.state)
        answer = await self.sandbox.delivery.send("interactive", payload)
        self._check(answer, {})
        return self._obey(person, view, answer.body if isinstance(answer.body, dict) else {})

    def _obey(self, person: Person, view: View, document: Json) -> dict[str, str]:
        action = document.get("response_action")
        views = self.sandbox.views
        try:
            if action == "errors":
                return self._field_errors(view, document.get("errors") or {})
            if action == "update":
                views.update(view, document["view"])
            elif action == "push":
                views.push(person.user_id, document["view"])
            elif action == "clear":
                for open_view in reversed(list(views.stack(person.user_id))):
                    views.close(person.user_id, open_view)
            elif view in views.stack(person.user_id):
                views.close(person.user_id, view)
        except Refusal as refusal:
            raise Problem(f"The app's answer was refused: {refusal.code} {refusal.messages}") from None
        return {}

    def _field_errors(self, view: View, errors: dict[str, str]) -> dict[str, str]:
        known = {block.get("block_id") for block in view.blocks if block["type"] == "input"}
        strangers = [block_id for block_id in errors if block_id not in known]
        if strangers or not errors:
            raise Problem(f"The app named errors for blocks that are no inputs: {strangers}")
        return errors

    async def close(self, person: Person, view: View, *, clear: bool) -> None:
        """Close the top modal, or with `clear` all of them; the app hears of those that ask for it."""
        stack = self.sandbox.views.stack(person.user_id)
        everything = clear or view.clear_on_close
        closing = list(reversed(stack)) if everything else [view]
        for closed in closing:
            self.sandbox.views.close(person.user_id, closed)
            if closed.notify_on_close:
                payload = self._interaction("view_closed", person) | {
                    "view": slack_json.view_json(self.sandbox.workspace, closed),
                    "is_cleared": everything,
                }
                del payload["trigger_id"]
                await self.sandbox.delivery.send("interactive", payload)

    async def shortcut(self, person: Person, callback_id: str, message: Message | None) -> None:
        """A global shortcut, or one on a message.

        :raises Problem: no such shortcut, or the app did not acknowledge
        """
        declared = self.sandbox.manifest.shortcut(callback_id)
        wanted = "global" if message is None else "message"
        if declared is None or declared["type"] != wanted or self._foreign(person):
            raise Problem("There is no such shortcut here.")
        if message is not None and message.ephemeral_for:
            raise Problem("Shortcuts do not work on messages that only you can see.")
        kind = "shortcut" if message is None else "message_action"
        payload = self._interaction(kind, person) | {
            "callback_id": callback_id,
            "action_ts": self.sandbox.workspace.tick(),
        }
        if message is not None:
            channel = self.sandbox.workspace.channel(message.channel)
            payload |= {
                "channel": {"id": channel.channel_id, "name": self._channel_name(channel)},
                "message_ts": message.ts,
                "message": slack_json.message_json(self.sandbox.workspace, message),
                "response_url": self._response_url(person, message),
            }
        self._check(await self.sandbox.delivery.send("interactive", payload), {})

    async def options(
        self, person: Person, holder: Message | View, block_id: str, action_id: str, value: str
    ) -> Json:
        """The choices of an external select for what was typed: `options` or `option_groups`.

        :raises Problem: the element does not exist or the app did not answer
        """
        element = find_element(holder.blocks or [], block_id, action_id)
        if element is None or "external_select" not in element["type"]:
            raise Problem("This element is gone.")
        payload = self._interaction("block_suggestion", person) | {
            "action_id": action_id,
            "block_id": block_id,
            "value": value,
        }
        if isinstance(holder, View):
            payload |= {
                "container": {"type": "view", "view_id": holder.id},
                "view": slack_json.view_json(self.sandbox.workspace, holder),
            }
        else:
            payload |= {
                "container": {
                    "type": "message",
                    "message_ts": holder.ts,
                    "channel_id": holder.channel,
                },
                "channel": {"id": holder.channel},
                "message": slack_json.message_json(self.sandbox.workspace, holder),
            }
        answer = await self.sandbox.delivery.send("interactive", payload)
        self._check(answer, {})
        return answer.body if isinstance(answer.body, dict) else {"options": []}

    def _action(self, blocks: list[Json], block_id: str, action_id: str, given: Json) -> Json:
        """The action as Slack sends it: what the person chose, the rest from the element itself."""
        element = find_element(blocks, block_id, action_id)
        if element is None:
            raise Problem("This element is gone.")
        block = next(block for block, found in elements(blocks) if found is element)
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise Problem("This input is sent with its form only.")
        kind = element["type"]
        action = {
            "type": kind,
            "action_id": action_id,
            "block_id": block_id,
            "action_ts": self.sandbox.workspace.tick(),
        }
        if kind == "button":
            return action | {
                name: element[name] for name in ("text", "value", "style", "url") if name in element
            }
        name = "selected_option" if kind == "overflow" else VALUE_FIELD[kind]
        chosen = given.get(name)
        if "options" in element and not _offered(element, chosen):
            raise Problem("This choice is not offered.")
        return action | {name: chosen}

    def _interaction(self, kind: str, person: Person) -> Json:
        memory = self.sandbox.memory
        team = person.team_id or memory.team_id
        return {
            "type": kind,
            "token": "verification-token",
            "user": {
                "id": person.user_id,
                "username": person.handle,
                "name": person.handle,
                "team_id": team,
            },
            "team": {"id": memory.team_id, "domain": "sandbox"},
            "enterprise": None,
            "is_enterprise_install": False,
            "api_app_id": memory.app_id,
            "trigger_id": self.sandbox.tickets.new_trigger(person.user_id),
        }

    def _response_url(self, person: Person, message: Message) -> str:
        key = self.sandbox.tickets.new_response_url(person.user_id, message.channel, message.ts)
        return f"{self.sandbox.base_url}/actions/{self.sandbox.memory.team_id}/{key}"

    def _with_files(self, typed: State) -> State:
        for entries in typed.values():
            for entry in entries.values():
                if entry.get("type") == "file_input":
                    kept = [
                        self.sandbox.memory.files.get(str(item["id"])) for item in entry.get("files") or []
                    ]
                    entry["files"] = [slack_json.file_json(self.sandbox.workspace, f) for f in kept if f]
        return typed

    def _give_files(self, state: State) -> None:
        """What was added to a form that is sent may be read by the app from then on."""
        for entries in state.values():
            for entry in entries.values():
                for item in entry.get("files") or []:
                    self.sandbox.memory.files[item["id"]].given = True

    def _channel_name(self, channel: Channel) -> str:
        names = {"public": channel.name, "private": "privategroup", "im": "directmessage"}
        return names.get(channel.kind, "privategroup")

    def _foreign(self, person: Person) -> bool:
        return person.team_id not in ("", self.sandbox.memory.team_id)

    def _check(self, answer: Answer, action: Json) -> None:
        if answer.problem and "url" not in action:
            raise Problem(f"That did not work because {WHY[answer.problem]}.")


def _as_document(body: Any) -> Json:
    return body if isinstance(body, dict) else {"text": str(body)}


def _offered(element: Json, chosen: Any) -> bool:
    wanted = chosen if isinstance(chosen, list) else [chosen]
    values = [option["value"] for option in element["options"]]
    return all(option is None or option.get("value") in values for option in wanted)
