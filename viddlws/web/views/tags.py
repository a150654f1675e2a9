"""A person's tags: counts, rename, hide, delete."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from viddlws.library import services
from viddlws.library.errors import LibraryError
from viddlws.library.models import Tag
from viddlws.web.access import person
from viddlws.web.forms import TagForm


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    return render(request, "tags/tags.html", {"tags": services.tags_with_counts(person(request))})


@require_POST
def rename(request: HttpRequest, id: int) -> HttpResponse:  # noqa: A002 - as in the address
    form = TagForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["name"][0]))
        return redirect("tags")
    return _act(request, lambda: services.rename_tag(person(request), id, form.cleaned_data["name"]), "Renamed.")


@require_POST
def hide(request: HttpRequest, id: int) -> HttpResponse:  # noqa: A002 - as in the address
    hidden = bool(request.POST.get("hidden"))
    said = "Left out of the library from now on." if hidden else "Shown in the library again."
    return _act(request, lambda: services.hide_tag(person(request), id, hidden), said)


@require_POST
def delete(request: HttpRequest, id: int) -> HttpResponse:  # noqa: A002 - as in the address
    return _act(request, lambda: services.delete_tag(person(request), id), "The tag is deleted.")


def _act(request: HttpRequest, do: Callable[[], object], said: str) -> HttpResponse:
    try:
        do()
        messages.success(request, said)
    except Tag.DoesNotExist:
        raise Http404 from None
    except LibraryError as error:
        messages.error(request, f"{error.message} {error.advice}")
    return redirect("tags")
