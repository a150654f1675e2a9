"""Downloads for administrators: to look at, not to write in."""

from typing import Any

from django.contrib import admin

from viddlws.downloads.models import Attempt, Download


class ReadOnly:
    """Rows move by their own rules; an administrator looks."""

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


class Attempts(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = Attempt
    fields = ("number", "started_at", "ended_at", "engine_version", "outcome", "error_class", "message", "detail")
    extra = 0


@admin.register(Download)
class Downloads(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("__str__", "owner", "site", "state", "attempts_made", "error_class", "requested_at")
    list_filter = ("state", "error_class", "format")
    search_fields = ("title", "url")
    inlines = (Attempts,)
