"""The library for administrators: to look at, not to write in. What people keep, they change on their own pages."""

from typing import Any

from django.contrib import admin

from viddlws.library.models import MediaFile, Rendition, Tag, Video


class ReadOnly:
    """Rows belong to their owners; an administrator looks."""

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


class Files(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # no generic at run time
    model = MediaFile
    fields = ("kind", "path", "size", "mime", "codecs", "derived", "duration", "width", "height", "language")
    extra = 0


@admin.register(Video)
class Videos(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("__str__", "owner", "channel", "duration", "size", "added_at")
    list_filter = ("has_video", "has_audio", "length")
    list_select_related = ("owner",)
    show_full_result_count = False
    inlines = (Files,)


@admin.register(Tag)
class Tags(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "owner", "hidden")
    list_select_related = ("owner",)
    show_full_result_count = False


@admin.register(Rendition)
class Renditions(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("video", "kind", "state", "attempts", "due_at", "reason")
    list_filter = ("state", "kind")
    list_select_related = ("video",)
    show_full_result_count = False
