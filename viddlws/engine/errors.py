"""From whatever yt-dlp raises to one plain sentence, what to do about it, and whether to try again.

yt-dlp is not imported: its exceptions are known by the names of their classes and by their attributes.
"""

import errno
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from viddlws.engine.causes import CAUSES
from viddlws.engine.evidence import Evidence, chain_of, clean_detail, host_of
from viddlws.engine.messages import Failed

__all__ = ["BLOCKED_STATUS", "classify", "clean_detail", "failure"]

BLOCKED_STATUS = 470  # the guard's own
LONGEST_REASON = 300
LONGEST_WAIT = 7 * 86_400.0  # seconds; a server that asks for more is not believed

Cause = str | None


def classify(
    exc: BaseException,
    *,
    denied: Sequence[str] = (),
    phase: str = "",
    url: str = "",
    refusal: BaseException | None = None,
) -> Failed:
    """Why `exc` came.

    `denied`: the guard's list of refused "host:port" for this job. `phase`: "reading" or "fetching", where known.
    `url`: the job's link, for the name of the site where the exception has none.
    `refusal`: the last HTTPError that the job saw (`resume.IfRange.refusal`); yt-dlp forgets it after its own
    retries, and with it Retry-After. An exception in the chain with a `failed` that is a `Failed` has decided itself.
    """
    chain = tuple(chain_of(exc))
    for error in chain:
        decided = getattr(error, "failed", None)
        if isinstance(decided, Failed):
            return decided
    evidence = Evidence(chain, tuple(denied), phase)
    cause = next(filter(None, (rule(evidence) for rule in RULES)), "unknown")
    wait = _retry_after((*chain, refusal) if refusal else chain)
    wait = _until_start(evidence) if cause == "upcoming" and wait is None else wait
    host = host_of(f"//{denied[0]}") if cause == "blocked" and denied else evidence.host or host_of(url)
    return failure(cause, host=host, reason=_reason(evidence), detail=str(exc), retry_after=wait)


def failure(
    cause: str, *, host: str = "", reason: str = "", detail: str = "", retry_after: float | None = None
) -> Failed:
    """A `Failed` for one of `causes.CAUSES`; for what no exception tells, such as a stall. Raises KeyError."""
    known = CAUSES[cause]
    message = known.message.format(host=host or "the site", reason=reason or "no reason given")
    return Failed(
        error=known.error,
        message=message.replace("the site", "The site", 1) if message.startswith("the site") else message,
        advice=known.advice,
        detail=clean_detail(detail),
        passing=known.passing,
        retry_after=retry_after if known.passing else None,
    )


# The rules, first match wins. Each is given the evidence and names a cause, or nothing.


def _stopped(evidence: Evidence) -> Cause:
    return "stopped" if "DownloadCancelled" in evidence.names else None


def _local(evidence: Evidence) -> Cause:
    if evidence.errnos & {errno.ENOSPC, errno.EDQUOT} or "no space left on device" in evidence.text:
        return "disk-full"
    if errno.EFBIG in evidence.errnos or "byte-budget-spent" in evidence.text:
        return "too-large"
    if errno.EROFS in evidence.errnos:
        return "disk-closed"
    return "memory" if "MemoryError" in evidence.names else None


def _guarded(evidence: Evidence) -> Cause:
    if evidence.status == BLOCKED_STATUS or "blocked-by-policy" in evidence.text:
        return "blocked"
    if "file:// urls are disabled" in evidence.text:
        return "local-file"
    closed = "TransportError" in evidence.names and evidence.errnos & {errno.EACCES, errno.EPERM}
    unclear = "TransportError" in evidence.names or (evidence.status is None and "got error" in evidence.text)
    return "blocked" if closed or (evidence.denied and unclear) else None


def _geo(evidence: Evidence) -> Cause:
    return "geo" if "GeoRestrictedError" in evidence.names or evidence.status == 451 else None


_NO_ADDRESS = {"NoSupportingHandlers", "UnsupportedRequest", "InvalidSchema", "MissingSchema", "InvalidURL"}


def _unsupported(evidence: Evidence) -> Cause:
    if "drm protected" in evidence.text or "uses drm" in evidence.text:
        return "protected"
    if "_UnsafeExtensionError" in evidence.names:
        return "unsafe-file"
    if "is not a valid url" in evidence.text or evidence.names & _NO_ADDRESS:
        return "not-a-link"
    if "requested format is not available" in evidence.text:
        return "no-such-format"
    return "unsupported" if "UnsupportedError" in evidence.names or "rtmpdump" in evidence.text else None


def _later(evidence: Evidence) -> Cause:
    if "UserNotLive" in evidence.names:
        return "not-live"
    coming = r"\b(?:premieres? (?:in|will|on)|(?:event|stream|broadcast|premiere) will (?:begin|start)|is_upcoming)\b"
    return "upcoming" if re.search(coming, evidence.text) else None


_LOGIN = (
    ("age", r"confirm your age|age[- ]restricted|age verification"),
    ("robot", r"not a (?:bot|robot)"),
    ("private", r"\bprivate (?:video|account|playlist)|(?:video|account|playlist) is private"),
    ("login", r"sign in|log ?in|logged[- ]in|--cookies|\bcookies\b|members[- ]only|\bmembers\b|registered users"),
)


def _login(evidence: Evidence) -> Cause:
    for cause, pattern in _LOGIN:
        if "ExtractorError" in evidence.names and re.search(pattern, evidence.text):
            return cause
    return "login" if evidence.status in (401, 402) else None


def _answered(evidence: Evidence) -> Cause:
    status = evidence.status
    if status is None:
        return None
    if any(getattr(error, "redirect_loop", False) for error in evidence.chain) or 300 <= status < 400:
        return "redirect-loop"
    known = {404: "gone", 410: "gone", 429: "rate-limited", 408: "timeout", 416: "broke-off"}
    if status == 403:
        return "forbidden-media" if evidence.while_fetching else "forbidden"
    if status in known:
        return known[status]
    return _through_proxy(evidence) or ("server" if status >= 500 else "refused-status")


def _through_proxy(evidence: Evidence) -> Cause:
    """The guard's proxy looks names up and connects for us; its reasons stand in for the usual errors."""
    reasons = {"unknown-host": "name", "connect-failed": "unreachable", "-timeout": "timeout"}
    if evidence.status not in (502, 504):
        return None
    return next((cause for reason, cause in reasons.items() if reason in evidence.text), None)


_ON_THE_WAY = (
    ("name", r"failed to resolve|getaddrinfo|name or service not known|name resolution|nodename nor servname"),
    ("unreachable", r"connection refused|no route to host|network is unreachable"),
    ("timeout", r"timed? ?out"),
    ("broke-off", r"bytes read|content too short|did not get any data|file is empty|closed|reset|aborted|broken pipe"),
)


def _on_the_way(evidence: Evidence) -> Cause:
    network = {"TransportError", "ContentTooShortError", "ConnectionError", "TimeoutError", "gaierror"}
    words = ("got error", "content too short", "did not get any data", "file is empty")
    if "CertificateVerifyError" in evidence.names or "certificate verify failed" in evidence.text:
        return "certificate"
    if not evidence.names & network and not any(word in evidence.text for word in words):
        return None
    for cause, pattern in _ON_THE_WAY:
        if re.search(pattern, evidence.text):
            return cause
    return "tls" if "SSLError" in evidence.names else "network"


def _processing(evidence: Evidence) -> Cause:
    return "processing" if "PostProcessingError" in evidence.names else None


_GONE = (
    r"remov|deleted|unavailable|not available|does(?: not|n.t) exist|no longer|terminated|not found|expired|taken down"
)


def _extractor(evidence: Evidence) -> Cause:
    """What the site's reader says: on purpose, or because it no longer understands the site."""
    readers = [error for error in evidence.chain if any(k.__name__ == "ExtractorError" for k in type(error).__mro__)]
    if any(getattr(error, "expected", False) for error in readers):
        return "removed" if re.search(_GONE, evidence.text) else "refused"
    bugs = {"RegexNotFoundError", "IndexError", "KeyError", "TypeError", "AttributeError"}
    raised_by_engine = "DownloadError" in evidence.names and evidence.names & bugs
    return "outdated" if readers or raised_by_engine else None


RULES: tuple[Callable[[Evidence], Cause], ...] = (
    _stopped, _local, _guarded, _geo, _unsupported, _later, _login, _answered, _on_the_way, _processing, _extractor,
)  # fmt: skip


def _reason(evidence: Evidence) -> str:
    """The site's own sentence, or its status."""
    if evidence.status is not None:
        return f"status {evidence.status}"
    words = clean_detail(str(evidence.chain[0])).split("\n")[0]
    words = re.sub(r"^ERROR:\s*|\[[\w:.+-]+\]\s*", "", words)
    words = re.sub(r"^[\w-]+:\s+(?=\S)", "", words, count=1)
    return words[:LONGEST_REASON]


def _retry_after(chain: Sequence[BaseException]) -> float | None:
    """Seconds from the first Retry-After in the answers that the exceptions carry."""
    for error in chain:
        headers = getattr(getattr(error, "response", None), "headers", None)
        value = str(headers.get("Retry-After") or "").strip() if headers is not None else ""
        if re.fullmatch(r"\d{1,9}", value):
            return min(float(value), LONGEST_WAIT)
        if value:
            return _seconds_until(value)
    return None


def _seconds_until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), LONGEST_WAIT)


def _until_start(evidence: Evidence) -> float | None:
    """Seconds until a broadcast that has been announced."""
    found = re.search(r"\bin (\d{1,4}|an?|a few) (second|minute|hour|day)", evidence.text)
    if not found:
        return None
    unit = {"second": 1.0, "minute": 60.0, "hour": 3_600.0, "day": 86_400.0}[found[2]]
    return min(unit * (float(found[1]) if found[1].isdigit() else 1.0), LONGEST_WAIT)
