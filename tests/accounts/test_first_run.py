"""The first administrator: by a code, once, and by one person."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from viddlws.accounts import services
from viddlws.accounts.models import User

PASSWORD = "correct horse battery"


@pytest.mark.django_db
def test_the_code_is_there_until_somebody_is_administrator() -> None:
    services.add_user("bob", PASSWORD)
    code = services.first_run_code()
    assert code
    assert len(code) >= 32

    carol = services.create_first_administrator(code, "carol", PASSWORD)

    assert (carol.is_staff, carol.is_superuser) == (True, True)
    assert services.first_run_code() is None
    with pytest.raises(services.AccountError, match="used up"):
        services.create_first_administrator(code, "mallory", PASSWORD)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["", "0" * 40, "ünïcode"])
def test_a_wrong_code_makes_nobody(wrong: str) -> None:
    with pytest.raises(services.AccountError, match="not valid"):
        services.create_first_administrator(wrong, "mallory", PASSWORD)
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_administrator() -> None:
    code = services.first_run_code()
    assert code

    def attempt(name: str) -> str:
        try:
            return services.create_first_administrator(code, name, PASSWORD).username
        except services.AccountError as error:
            return error.message
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(attempt, ["ann", "ben", "cem", "dee"]))

    assert User.objects.filter(is_staff=True).count() == User.objects.count() == 1
    assert sum("used up" in each for each in told) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "short", "password123", "carol-carol"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(services.AccountError) as refused:
        services.add_user("carol-carol", password, admin=True)
    assert refused.value.message
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 151, "a/b", "nul\0"])
def test_a_name_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(services.AccountError):
        services.add_user(name, PASSWORD)


@pytest.mark.django_db
def test_a_name_is_taken_whatever_its_capitals() -> None:
    services.add_user("Alice", PASSWORD)
    with pytest.raises(services.AccountError, match="taken"):
        services.add_user("alice", PASSWORD)
