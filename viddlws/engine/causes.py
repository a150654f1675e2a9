"""Every cause a download can fail for, in words for a person. `{host}`: the site; `{reason}`: the engine's sentence."""

from dataclasses import dataclass

from viddlws.engine.messages import ErrorClass

_WAIT = "It is tried again by itself."
_LATER = "Try again later."
_OWN = "Open the link in a browser; what plays only for people who are signed in cannot be downloaded."


@dataclass(frozen=True)
class Cause:
    """`passing`: trying again without any change may work."""

    error: ErrorClass
    message: str
    advice: str
    passing: bool = False


CAUSES: dict[str, Cause] = {
    # our own machine
    "disk-full": Cause(
        ErrorClass.DISK_FULL, "The disk is full.", "Delete something or add space; the queue goes on by itself.", True
    ),
    "disk-closed": Cause(
        ErrorClass.DISK_FULL, "The disk cannot be written to.", "The administrator has to look at the disk.", True
    ),
    "memory": Cause(
        ErrorClass.UNKNOWN, "The download needed more memory than it may use.", "Choose a smaller format.", False
    ),
    "too-large": Cause(
        ErrorClass.TOO_LARGE, "The file is larger than allowed.", "Choose a smaller format or raise the limit."
    ),
    "stopped": Cause(ErrorClass.UNKNOWN, "The download was stopped.", "Start it again when you want it."),
    "processing": Cause(
        ErrorClass.UNKNOWN, "The downloaded streams could not be put together.", "Try again, or choose another format.",
        True,
    ),
    "conversion-failed": Cause(ErrorClass.UNKNOWN, "The file could not be converted.", _WAIT, True),
    "conversion-died": Cause(ErrorClass.UNKNOWN, "The conversion ended without a word.", _WAIT, True),
    "conversion-stalled": Cause(ErrorClass.STALLED, "The conversion did not get on.", _WAIT, True),
    "conversion-overtime": Cause(
        ErrorClass.STALLED, "The conversion took longer than allowed.", "Raise the limit or try later."
    ),
    # the link
    "blocked": Cause(
        ErrorClass.BLOCKED, "The link leads to {host}, an address this server does not open.",
        "Addresses inside the server's own network are closed. The administrator can allow single networks.",
    ),
    "local-file": Cause(
        ErrorClass.BLOCKED, "The link leads to a file on this server.", "Only links to web sites can be downloaded."
    ),
    "unsupported": Cause(
        ErrorClass.UNSUPPORTED, "No video or sound was found on this page of {host}.",
        "Check that the link leads to the page of one video. Not every site is supported.",
    ),
    "not-a-link": Cause(
        ErrorClass.UNSUPPORTED, "This is not a link that can be downloaded.", "Links begin with http:// or https://."
    ),
    "unsafe-file": Cause(
        ErrorClass.UNSUPPORTED, "{host} offers a kind of file that is neither video nor sound.",
        "Only video and sound are kept.",
    ),
    "no-such-format": Cause(
        ErrorClass.UNSUPPORTED, "{host} has no stream that fits what was asked for.", "Choose another format."
    ),
    "protected": Cause(
        ErrorClass.UNSUPPORTED, "The video is copy-protected (DRM).", "It cannot be downloaded, here or elsewhere."
    ),
    "redirect-loop": Cause(
        ErrorClass.UNSUPPORTED, "{host} sends every request on to another address, without end.",
        "Open the link in a browser and copy the address that it ends at.",
    ),
    # the site's own decision
    "gone": Cause(ErrorClass.GONE, "{host} no longer has it (not found).", "Check the link in a browser."),
    "removed": Cause(ErrorClass.GONE, "{host} says: {reason}", "Nothing can be done if it was removed."),
    "refused": Cause(ErrorClass.UNKNOWN, "{host} says: {reason}", "Open the link in a browser to see more."),
    "refused-status": Cause(
        ErrorClass.UNKNOWN, "{host} refused the request ({reason}).", "Open the link in a browser to see why."
    ),
    "forbidden": Cause(ErrorClass.NEEDS_LOGIN, "{host} does not let us in (forbidden). It may be private.", _OWN),
    "forbidden-media": Cause(
        ErrorClass.NEEDS_LOGIN, "{host} showed the page but does not hand out the video (forbidden).",
        f"{_WAIT} If that does not help, the engine may need an update, or the video a sign-in.", True,
    ),
    "login": Cause(ErrorClass.NEEDS_LOGIN, "{host} shows this only to people who are signed in.", _OWN),
    "private": Cause(ErrorClass.NEEDS_LOGIN, "The video is private.", _OWN),
    "age": Cause(ErrorClass.NEEDS_LOGIN, "{host} asks for proof of age before it shows this.", _OWN),
    "robot": Cause(
        ErrorClass.NEEDS_LOGIN, "{host} takes this server for a robot and asks for a sign-in.",
        "Wait some hours before the next download from this site.",
    ),
    "geo": Cause(
        ErrorClass.GEO_BLOCKED, "{host} does not show this in the country this server is in.",
        "It can only be fetched from a server in another country.",
    ),
    "rate-limited": Cause(
        ErrorClass.RATE_LIMITED, "{host} says that we ask too often.", f"{_WAIT} Fewer downloads at once help.", True
    ),
    "upcoming": Cause(ErrorClass.LIVE, "It has not begun yet.", _WAIT, True),
    "not-live": Cause(ErrorClass.LIVE, "Nothing is being broadcast there now.", "Try again when the broadcast is on."),
    "live": Cause(
        ErrorClass.LIVE, "This is a live broadcast without an end.", "Allow live recording for it, or wait for its end."
    ),
    # on the way
    "server": Cause(ErrorClass.NETWORK, "{host} has a fault of its own ({reason}).", _WAIT, True),
    "name": Cause(
        ErrorClass.NETWORK, "No site with the name {host} was found.", f"Check the spelling of the link. {_WAIT}", True
    ),
    "unreachable": Cause(ErrorClass.NETWORK, "{host} could not be reached.", _WAIT, True),
    "timeout": Cause(ErrorClass.NETWORK, "{host} did not answer in time.", _WAIT, True),
    "broke-off": Cause(ErrorClass.NETWORK, "The connection to {host} broke off before the end.", _WAIT, True),
    "certificate": Cause(
        ErrorClass.NETWORK, "The certificate of {host} is not valid, so the connection is not safe.",
        "The site's owner has to mend it. Check that the link is right.",
    ),
    "tls": Cause(ErrorClass.NETWORK, "No safe connection to {host} could be made.", _WAIT, True),
    "network": Cause(ErrorClass.NETWORK, "The connection to {host} failed.", _WAIT, True),
    "stalled": Cause(ErrorClass.STALLED, "{host} stopped sending.", _WAIT, True),
    # the engine
    "outdated": Cause(
        ErrorClass.ENGINE_OUTDATED, "The engine no longer understands the pages of {host}.",
        "Update the engine, then try again.",
    ),
    "slow-page": Cause(ErrorClass.STALLED, "Reading the page of {host} took too long.", _LATER, True),
    "overtime": Cause(ErrorClass.STALLED, "The download took longer than allowed.", "Raise the limit or try later."),
    "died": Cause(ErrorClass.UNKNOWN, "The download ended without a word.", _WAIT, True),
    "unknown": Cause(ErrorClass.UNKNOWN, "The download failed for a reason nobody foresaw.", "The log tells more."),
}  # fmt: skip
