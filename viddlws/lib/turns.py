"""One at a time, across all processes that share the database."""

from django.db import connection


def wait_for_turn(name: str) -> None:
    """Until the current transaction ends nobody else passes this with the same name.

    On SQLite every writing transaction already waits for its turn when it begins.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
