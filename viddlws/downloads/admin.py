"""Downloads for administrators: to look at, not to write in."""

from django.contrib import admin

from viddlws.downloads.models import Attempt, Download
from viddlws.library.admin import ReadOnly


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
