"""Media for whoever owns them; `delivery` knows how the bytes leave."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from viddlws.delivery import responses
from viddlws.downloads.models import Download, State
from viddlws.library import storage
from viddlws.library.errors import LibraryError
from viddlws.library.models import MediaFile, Video
from viddlws.web.access import person
from viddlws.web.cards import EARLY_THUMBNAIL
from viddlws.web.templatetags.address import file_name

DAY = 24 * 3600  # seconds


@require_safe
def media(request: HttpRequest, id: int, name: str) -> HttpResponseBase:  # noqa: A002 - as in the address
    """A file of a video of this person. The name in the address is for people and programs that save it."""
    owned = Video.objects.visible_to(person(request))
    file = MediaFile.objects.filter(pk=id, video__in=owned).first()
    if file is None or name != file_name(file):
        raise Http404
    try:
        path = storage.path_of(file)
    except LibraryError:
        raise Http404 from None
    attachment = bool(request.GET.get("download"))
    response = responses.serve(request, path, mime=file.mime, name=name, attachment=attachment)
    if file.kind == MediaFile.Kind.THUMBNAIL:
        response["Cache-Control"] = f"private, max-age={DAY}"  # a page of the library has 48 of them
    return response


@require_safe
def early_thumbnail(request: HttpRequest, id: UUID) -> HttpResponseBase:  # noqa: A002 - as in the address
    """The picture of something that is still being fetched, or was when the page was made."""
    download = Download.objects.visible_to(person(request)).filter(pk=id).first()
    if download is None:
        raise Http404
    if download.state == State.DONE and download.video_id:
        kept = MediaFile.objects.filter(video_id=download.video_id, kind=MediaFile.Kind.THUMBNAIL).first()
        if kept:
            return media(request, kept.pk, file_name(kept))
    try:
        picture = (storage.job_folder(id) / EARLY_THUMBNAIL).read_bytes()
    except OSError:
        raise Http404 from None
    return HttpResponse(picture, content_type="image/jpeg", headers={"Cache-Control": "private, no-cache"})
