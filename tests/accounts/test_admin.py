"""Django's own administration knows people, for administrators."""

from django.contrib import admin
from django.test import RequestFactory

from viddlws.accounts.models import User


def test_people_are_registered_for_administrators_alone(alice: User, carol: User) -> None:
    page = admin.site.get_model_admin(User)
    request = RequestFactory().get("/")

    request.user = alice
    assert not admin.site.has_permission(request)
    assert not page.has_view_permission(request)
    request.user = carol
    assert admin.site.has_permission(request)
