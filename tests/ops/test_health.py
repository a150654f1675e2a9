"""Machines that ask after our health get an answer, whatever else is wrong with the request."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import Settings

from viddlws.ops import checks


def test_alive_needs_no_database_no_known_host_and_no_session(client: Client) -> None:
    answer = client.get("/healthz/live", headers={"host": "not-ours.example"})

    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert not answer.cookies


@pytest.mark.django_db
def test_ready_names_what_is_missing(client: Client) -> None:
    answer = client.get("/healthz/ready", headers={"host": "not-ours.example"})

    assert (answer.status_code, answer.content) == (503, b"not ready: broker\n")


@pytest.mark.django_db
def test_a_change_of_the_database_that_waits_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'downloads'")

    assert b"migrations" in client.get("/healthz/ready").content


def test_a_database_that_does_not_answer_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DatabaseError("gone\nmore")

    monkeypatch.setattr(connection, "cursor", refuse)

    assert checks.database_trouble() == "The database does not answer: gone"
    assert client.get("/healthz/ready").content == b"not ready: database, broker\n"


@pytest.mark.django_db
def test_another_address_below_healthz_is_nobodys(client: Client, settings: Settings) -> None:
    assert client.get("/healthz/else").status_code == 404


@pytest.mark.django_db
def test_other_pages_still_want_a_known_host(client: Client) -> None:
    assert client.get("/", headers={"host": "not-ours.example"}).status_code == 400
