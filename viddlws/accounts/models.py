"""A person."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Someone with an account. `is_staff` marks administrators."""
