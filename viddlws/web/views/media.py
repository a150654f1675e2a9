"""Media for whoever owns them; `delivery` knows how the bytes leave."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from viddlws.delivery import responses
from viddlws.downloads.models import Download, State
from viddlws.library import storage
from viddlws.library.models import MediaFile, Video
from viddlws.web.access import person
from viddlws.web.cards import EARLY_THUMBNAIL
from viddlws.web.templatetags.address import file_name


@require_safe
def media(request: HttpRequest, id: int, name: str) -> HttpResponseBase:  # noqa: A002 - as in the address
    """A file of a video of this person. The name in the address is for people and programs that save it."""
    owned = Video.objects.visible_to(person(request))
    file = MediaFile.objects.filter(pk=id, video__in=owned).first()
    if file is None or name != file_name(file):
        raise Http404
    path = storage.path_of(file)
    if not path.is_file():
        raise Http404
    attachment = bool(request.GET.get("download"))
    response = responses.serve(
        request, path, mime=file.mime, name=name, etag=f"{file.pk}-{file.size}", attachment=attachment
    )
    return _private(response)


@require_safe
def early_thumbnail(request: HttpRequest, id: UUID) -> HttpResponseBase:  # noqa: A002 - as in the address
    """The picture of something that is still being fetched."""
    running = Download.objects.visible_to(person(request)).filter(pk=id, state=State.RUNNING).exists()
    path = storage.job_folder(id) / EARLY_THUMBNAIL
    if not running or not path.is_file():
        raise Http404
    return _private(HttpResponse(path.read_bytes(), content_type="image/jpeg"))


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """Only this person's browser may keep it, and asks again whether it is still theirs."""
    response["Cache-Control"] = "private, no-cache"
    return response
