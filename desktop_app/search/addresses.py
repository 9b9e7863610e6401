"""Addresses of databases as they may be shown: without what only their owner may know."""

import re
from urllib.parse import quote, unquote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from desktop_app.core.text import clean_name

HIDDEN = "***"

SECRET = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
"""Names of parameters whose values are nobody's business."""

WRITTEN = re.compile(r"://[^/@]*?:(?P<password>.*)@", re.DOTALL)
"""Where a password stands in an address, however wrong the rest is."""

PARAMETER = re.compile(r"[?&;](?P<name>[^=&;]*)=(?P<value>[^&;]*)")


def shown(address: str) -> str:
    """The address without passwords."""
    url = _parsed(address)
    if url is None:
        return clean_name(without_secrets(address, address))
    hidden = {name: HIDDEN for name in url.query if SECRET.search(name)}
    written = url.update_query_dict(hidden).render_as_string(hide_password=True)
    return clean_name(written.replace(quote(HIDDEN), HIDDEN))


def without_secrets(text: str, address: str) -> str:
    """A text, of a database or its driver, without the passwords that stand in an address."""
    for secret in sorted(_secrets(address), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _secrets(address: str) -> set[str]:
    """Passwords as they are, and as they are written in addresses."""
    found = {match["value"] for match in PARAMETER.finditer(address) if SECRET.search(match["name"])}
    written, url = WRITTEN.search(address), _parsed(address)
    if written is not None:
        found.add(written["password"])
    if url is not None and url.password is not None:
        found.add(str(url.password))
    return {one for secret in found for one in (secret, unquote(secret)) if one}


def _parsed(address: str) -> URL | None:
    try:
        return make_url(address)
    except (ArgumentError, ValueError):
        return None
