"""What is there before and beside everything else: the first run, and the answer to a request that is too much."""

from django.contrib.auth import login
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_http_methods

from viddlws.accounts import services
from viddlws.web.access import open_to_strangers
from viddlws.web.forms import FirstRunForm

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@open_to_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def first_run(request: HttpRequest, code: str) -> HttpResponse:
    """Make the first administrator and sign them in. Not there without the right code, or once there is one."""
    expected = services.first_run_code()
    if expected is None or not constant_time_compare(code, expected):
        raise Http404
    form = FirstRunForm(request.POST or None)
    if form.is_valid():
        try:
            user = services.create_first_administrator(code, form.cleaned_data["name"], form.cleaned_data["password"])
        except services.AccountError as error:
            form.add_error(None, f"{error.message} {error.advice}")
        else:
            login(request, user, "allauth.account.auth_backends.AuthenticationBackend")
            return redirect("library")
    return render(request, "account/first_run.html", {"form": form}, status=422 if form.errors else 200)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 for more than we take at once, else 400."""
    status = 413 if isinstance(exception, TOO_MUCH) else 400
    return render(request, f"{status}.html", status=status)
