"""Code and catalogue agree: every key that is asked for exists, and every key that exists is asked for."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot.words.catalogue import HOME, languages

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")

# Calls whose first argument is a key.
ASKING = {"text", "count"}
CARRYING = {"NotAListing"}


# Keys that code puts together: the beginning as it stands in the f-string, and all the ends that it can get.
FAMILIES: dict[str, Iterable[str]] = {}


@cache
def _trees() -> list[tuple[Path, ast.Module]]:
    paths = [*ROOT.glob("bot/**/*.py"), *ROOT.glob("handlers/**/*.py")]
    return [
        (path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths if "sandbox" not in path.parts
    ]


def _messages(language: str) -> Iterator[tuple[Path, Message]]:
    for path in sorted((HOME / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    yield path, message


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _calls() -> Iterator[tuple[str, ast.Call, ast.expr]]:
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name in ASKING | CARRYING:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node, node.args[0]


def _prefix(text: ast.JoinedStr) -> str:
    first = text.values[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _family_prefixes() -> set[str]:
    """The beginnings of all f-strings in the code that could begin a key."""
    found = {
        _prefix(node) for _, tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
    }
    return {prefix for prefix in found if re.fullmatch(r"([a-z][a-z0-9_]*\.)+[a-z0-9_]*", prefix)}


def _strings() -> set[str]:
    constants = (node for _, tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in constants if isinstance(node.value, str)}


ENGLISH = [_key(message) for _, message in _messages("en")]


def test_every_key_that_is_asked_for_exists() -> None:
    asked = {
        (argument.value, where)
        for where, _, argument in _calls()
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and KEY.fullmatch(argument.value)
    }
    assert sorted((key, where) for key, where in asked if key not in ENGLISH) == []


def test_every_key_that_is_put_together_belongs_to_a_family() -> None:
    built = {
        (_prefix(argument), where) for where, _, argument in _calls() if isinstance(argument, ast.JoinedStr)
    }
    assert sorted((prefix, where) for prefix, where in built if prefix not in FAMILIES) == []


def test_every_member_of_a_family_exists() -> None:
    members = {prefix + end for prefix, ends in FAMILIES.items() for end in ends}
    assert sorted(members - set(ENGLISH)) == []


def test_every_key_is_used() -> None:
    alive = _family_prefixes()
    members = {prefix + end for prefix, ends in FAMILIES.items() if prefix in alive for end in ends}
    assert sorted(set(ENGLISH) - _strings() - members) == []


@pytest.mark.parametrize("language", languages())
def test_no_key_is_said_twice(language: str) -> None:
    said = Counter(_key(message) for _, message in _messages(language))
    assert [key for key, times in said.items() if times > 1] == []


@pytest.mark.parametrize("language", languages())
def test_every_key_is_plain_and_has_a_sentence(language: str) -> None:
    wrong = [
        f"{path.name}: {_key(message)}"
        for path, message in _messages(language)
        if not KEY.fullmatch(_key(message)) or not all(_forms(message))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_placeholders_are_plain_names_and_agree_across_forms_and_languages(language: str) -> None:
    english = {_key(message): _placeholders(message) for _, message in _messages("en")}
    wrong = []
    for path, message in _messages(language):
        names = _placeholders(message)
        plain = all(re.fullmatch(r"[a-z_]+", name) for name in names)
        agree = all(_names(form) | {"n"} == names | {"n"} for form in _forms(message))
        if not (plain and agree and names | {"n"} == english.get(_key(message), set()) | {"n"}):
            wrong.append(f"{path.name}: {_key(message)} {sorted(names)}")
    assert wrong == []


def _placeholders(message: Message) -> set[str]:
    return set().union(*(_names(form) for form in _forms(message)))


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
