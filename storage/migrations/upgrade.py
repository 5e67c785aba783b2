"""Runs Alembic. Imported only when there is something to run, because importing Alembic takes a second."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from storage.migrations.schema import FOLDER


def config(connection: Connection) -> Config:
    """Alembic's settings, without a file of their own."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection) -> None:
    """Run what is missing, inside the caller's transaction."""
    command.upgrade(config(connection), "head")
