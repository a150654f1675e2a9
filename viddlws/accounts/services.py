"""People: the first administrator by a one-time code, and everyone after."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from viddlws.accounts.models import User

_ONE_AT_A_TIME = 0x76694464  # any number, as long as nobody else locks it


class AccountError(Exception):
    """Something about an account that cannot be done. `message` says what, `advice` what to do instead."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


def first_run_code() -> str | None:
    """The code that makes the first administrator; None once there is one.

    It follows from the secret key, so that every process knows it and nothing needs to be kept.
    """
    return None if _has_administrator() else _code()


def create_first_administrator(code: str, name: str, password: str) -> User:
    """Make the first administrator. Raises AccountError for a wrong or used code, and as `add_user` does.

    Of two calls at once, one succeeds and the other finds the code used.
    """
    if not constant_time_compare(code, _code()):
        raise AccountError("This address is not valid.", "Use the one that ViddlWS printed when it started.")
    with transaction.atomic():
        _wait_for_turn()
        if _has_administrator():
            raise AccountError("There is an administrator already, so this address is used up.", "Sign in instead.")
        return add_user(name, password, admin=True)


def add_user(name: str, password: str, admin: bool = False) -> User:
    """Make an account. Raises AccountError when the name is taken or not usable, or the password too weak."""
    user = User(username=User.normalize_username(name.strip()), is_staff=admin, is_superuser=admin)
    try:
        user.clean_fields(exclude={"password"})
        validate_password(password, user)
    except ValidationError as error:
        raise AccountError(" ".join(error.messages)) from error
    user.set_password(password)
    try:
        with transaction.atomic():
            _refuse_double(user.username)
            user.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(user.username) from error
    return user


def _refuse_double(name: str) -> None:
    """Names that differ in capitals alone would be one folder on some file systems, and one person to a reader."""
    if User.objects.filter(username__iexact=name).exists():
        raise _taken(name)


def _taken(name: str) -> AccountError:
    return AccountError(f"The name {name} is taken.", "Choose another.")


def _has_administrator() -> bool:
    return User.objects.filter(is_staff=True).exists()


def _wait_for_turn() -> None:
    """SQLite lets one writer in at a time anyway; PostgreSQL is told to until the end of this transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])


def _code() -> str:
    return salted_hmac("viddlws.accounts.first_run", "administrator", algorithm="sha256").hexdigest()[:40]
