"""The databases of one PostgreSQL server, wherever it runs: an empty one for each trial, gone with it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg2
from psycopg2.sql import SQL, Composable, Identifier

from loadtest.errors import StartError
from loadtest.stack.base import Rows


class Databases(ABC):
    """Each made, asked and removed over a connection of its own."""

    @abstractmethod
    def url(self, database: str = "postgres") -> str:
        """``postgresql://user:password@host:port/database``, as this process reaches it."""

    def answers(self) -> bool:
        """Whether the server answers a query."""
        try:
            self.sql("SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True

    def sql(
        self, query: str | Composable, params: Sequence[Any] | Mapping[str, Any] = (), database: str = "postgres"
    ) -> Rows:
        """The rows of one statement, committed at once. Raises psycopg2.Error."""
        return query_rows(self.url(database), query, params)

    def create_database(self, name: str, template: str = "template1") -> None:
        """A copy of the template, to which nobody may be connected. Raises StartError."""
        try:
            self.sql(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        except psycopg2.Error as error:
            raise StartError(f"db: the database {name} could not be made: {str(error).strip()}") from error

    def drop_database(self, name: str) -> None:
        """Ends the database's connections and removes it, if it exists. Raises psycopg2.Error."""
        self.sql(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def query_rows(url: str, query: str | Composable, params: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
    """The rows of one statement on a connection of its own, committed at once. Raises psycopg2.Error."""
    connection = psycopg2.connect(url, connect_timeout=10, application_name="timeoutlab-harness")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, params or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
