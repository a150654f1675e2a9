"""One thing's page: play it, read about it, edit, delete; before it is done, how far it is or why it failed."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from viddlws.downloads import services as queue
from viddlws.downloads.models import Download
from viddlws.library import services as library
from viddlws.library.errors import LibraryError
from viddlws.library.models import MediaFile, Video
from viddlws.web.access import person
from viddlws.web.cards import cards
from viddlws.web.forms import EditForm, LinkForm
from viddlws.web.templatetags.address import thumbnail
from viddlws.web.views.library import live_context

KIND = MediaFile.Kind


@require_safe
def watch(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    video = Video.objects.visible_to(person(request)).prefetch_related("files", "tags").filter(pk=id).first()
    if video:
        return _player(request, video)
    download = Download.objects.visible_to(person(request)).filter(pk=id).first()
    if download is None:
        raise Http404
    return unfinished(request, download)


def unfinished(request: HttpRequest, download: Download, form: LinkForm | None = None) -> HttpResponse:
    """The page of a download that has no video (yet): its card, its attempts, or the entries of a list."""
    context = {
        "card": cards([download])[0],
        "link": form or LinkForm(),
        "attempts": download.attempts.order_by("-number"),
        "entries": download.entries.order_by("-requested_at", "-id")[:500],
        **live_context(request),
    }
    return render(request, "downloads/unfinished.html", context, status=422 if form else 200)


def _player(request: HttpRequest, video: Video, form: EditForm | None = None) -> HttpResponse:
    files = list(video.files.all())
    playing = _playing(files, request.GET.get("as") == "audio")
    tags = list(video.tags.all())
    context = {
        "video": video,
        "files": [file for file in files if file.kind not in {KIND.THUMBNAIL, KIND.INFO}],
        "playing": playing,
        "sound": playing and playing.kind == KIND.AUDIO,
        "captions": [file for file in files if file.kind == KIND.SUBTITLE],
        "poster": thumbnail(video),
        "start": _seconds(request.GET.get("t", "")),
        "tag_list": tags,
        "here": reverse("watch", args=[video.pk]),
        "edit": form or EditForm(initial={"title": video.title, "tags": ", ".join(tag.name for tag in tags)}),
    }
    return render(request, "library/watch.html", context, status=422 if form else 200)


def _playing(files: list[MediaFile], audio_first: bool) -> MediaFile | None:
    kinds = [KIND.AUDIO, KIND.VIDEO] if audio_first else [KIND.VIDEO, KIND.AUDIO]
    return next((file for kind in kinds for file in files if file.kind == kind), None)


def _seconds(text: str) -> int:
    """`?t=`: seconds, as 90 or 90s; anything else is the beginning."""
    text = text.removesuffix("s")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


@require_POST
def edit(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    video = _mine(request, id)
    form = EditForm(request.POST)
    if form.is_valid():
        try:
            library.edit(person(request), id, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("watch", id)
        except LibraryError as error:
            form.add_error("title", f"{error.message} {error.advice}")
    return _player(request, video, form)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    video = _mine(request, id)
    if request.method != "POST":
        return render(request, "library/delete.html", {"video": video, "count": video.files.count()})
    queue.remove(person(request), [id])
    library.remove(person(request), [id])  # also what was filed without a download
    messages.success(request, "Deleted.")
    return redirect("library")


@require_safe
def chapters(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    """The chapters as WebVTT, for the player."""
    lines = ["WEBVTT", ""]
    for chapter in _mine(request, id).chapters:
        title = " ".join(str(chapter["title"]).replace("-->", "->").replace("&", "&amp;").replace("<", "&lt;").split())
        lines += [f"{_vtt(chapter['start'])} --> {_vtt(chapter['end'])}", title or "Chapter", ""]
    return HttpResponse("\n".join(lines), content_type="text/vtt; charset=utf-8")


def _vtt(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _mine(request: HttpRequest, id: UUID) -> Video:  # noqa: A002 - as in the address
    with suppress(Video.DoesNotExist):
        return Video.objects.visible_to(person(request)).prefetch_related("files", "tags").get(pk=id)
    raise Http404
