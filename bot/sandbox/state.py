"""The directory that a sandbox comes back from: its secrets, its workspace, the bot's database and log."""

import json
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.records import Json


class Trouble(Exception):
    """The sandbox cannot start or did not stay up; the sentence is for the person who started it."""


@dataclass
class Keys:
    """What one sandbox made up for itself, and what the bot gave the marketplace when it was seeded."""

    bot_token: str
    app_token: str
    signing_secret: str
    master_secret: str
    url: str = ""
    api_key: str = ""
    webhook_secret: str = ""

    @property
    def seeded(self) -> bool:
        """True once the bot's database holds the alliance."""
        return bool(self.api_key)


@dataclass(frozen=True)
class StateDirectory:
    """`path` is `.sandbox` unless the person says otherwise."""

    path: Path

    @property
    def workspace(self) -> Path:
        """The workspace and the marketplace as they were last."""
        return self.path / "workspace.json"

    @property
    def log(self) -> Path:
        """What the bot says."""
        return self.path / "bot.log"

    @property
    def database_url(self) -> str:
        """The bot's database."""
        return f"sqlite:///{self.path / 'goodfaith.db'}"

    @property
    def _keys(self) -> Path:
        return self.path / "keys.json"

    def open(self, *, fresh: bool) -> Keys:
        """The keys of the sandbox that is kept here, else new ones.

        A sandbox that was never seeded to the end begins anew, as one does with `fresh`.

        :raises Trouble: the directory holds something else
        """
        if self.path.exists():
            if any(self.path.iterdir()) and not self._keys.exists():
                raise Trouble(f"{self.path} holds something else than a sandbox; it was left alone.")
            keys = self._read()
            if keys is not None and keys.seeded and not fresh:
                return keys
            shutil.rmtree(self.path)
        self.path.mkdir(mode=0o700, parents=True)
        keys = Keys(*(prefix + secrets.token_urlsafe(32) for prefix in ("xoxb-", "xapp-", "", "")))
        self.keep(keys)
        return keys

    def _read(self) -> Keys | None:
        if not self._keys.exists():
            return None
        document: Json = json.loads(self._keys.read_text(encoding="utf-8"))
        return Keys(**document)

    def keep(self, keys: Keys) -> None:
        """Write the keys so that only their owner can read them."""
        self._keys.touch(mode=0o600)
        self._keys.write_text(json.dumps(vars(keys)), encoding="utf-8")
