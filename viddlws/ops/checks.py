"""Whether what we stand on answers. Each question returns an empty text, or in plain words what is wrong."""

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError


def database_trouble() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"The database does not answer: {_first_line(error)}"
    return ""


def migration_trouble() -> str:
    """Call it only when the database answers."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} changes of the database are waiting." if waiting else ""


def broker_trouble() -> str:
    try:
        with current_app.connection_for_write() as channel:
            channel.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, OSError) as error:
        return f"The broker (Valkey or Redis) does not answer: {_first_line(error)}"
    return ""


def workers() -> list[str]:
    """Names of the workers that answer within a second."""
    try:
        answers = current_app.control.ping(timeout=1.0)
    except (OperationalError, OSError):
        return []
    return [name for answer in answers or [] for name in answer]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
