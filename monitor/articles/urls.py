"""An address as published → the one address of the page that it names.  Pure."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

import idna

LONGEST = 4096  # characters; a choice; the longest address in the feeds of the corpus has 340

DEFAULT_PORTS = {"http": 80, "https": 443}

TRACKING_PREFIXES = ("utm_", "mtm_", "piwik_", "hsa_", "stm_", "__hs", "fb_action_", "guce_", "at_custom", "at_link_")
TRACKING_NAMES = (
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id igshid igsh srsltid mc_cid "
    "mc_eid _ga _gl mkt_tok _hsenc _hsmi hsctatracking vero_id oly_enc_id oly_anon_id wickedid _openstat yptr ito "
    "xtor ocid ncid smid maca cmpid ftag guccounter traffic_source sr_share s_cid at_medium at_campaign at_format "
    "at_campaign_type at_ptr_name at_bbc_team ns_mchannel ns_campaign ns_source ns_linkname ns_fee pk_campaign pk_kwd "
    "pk_source pk_medium pk_content wt_mc wt_zmc __twitter_impression fb_ref fb_source feature_source ref_src "
    "ref_url spm_id_from"
)
TRACKING = frozenset(TRACKING_NAMES.split())
"""Parameters that say how a reader came, not what is read.  When in doubt one stays: an address too many costs a
duplicate, two pages under one address cost an article."""

FEED_MARK = re.compile(r"(?:source|partner|emc|af|ref|from|feed|icid|cmp)=(?:rss|feed)[\w-]*", re.IGNORECASE)
"""`source=rss-…` and its like: the name alone may mean a page, the value tells."""

ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")


@lru_cache(maxsize=1 << 14)  # about 8 MB when full; a feed lists the same addresses poll after poll
def canonical_url(url: str | None) -> str | None:
    """Return *url* without what does not change the page it names; None if it is no web address.

    Lower-cases scheme and host (RFC 3986, 6.2.2.1), writes the host in ASCII
    (IDNA), resolves dot segments, spells escapes one way, drops credentials, the
    default port, the fragment and known tracking parameters.  Never re-orders or
    decodes what is left of the query: some sites mean it.  Idempotent.
    """
    if not url or len(url) > LONGEST:
        return None
    try:
        parts = urlsplit(re.sub(r"[\t\r\n]", "", url).strip().replace("\\", "/"))
        scheme, port = parts.scheme.lower(), parts.port
        host = _host(parts.hostname or "")
    except ValueError:
        return None
    if scheme not in DEFAULT_PORTS or host is None:
        return None
    netloc = host if port is None or port == DEFAULT_PORTS[scheme] else f"{host}:{port}"
    path = _without_dots(_escaped(parts.path, "/!$&'()*+,;=:@")) or "/"
    return urlunsplit((scheme, netloc, path, _without_tracking(_escaped(parts.query, "/?!$&'()*+,;=:@[]|")), ""))


def is_site_root(url: str) -> bool:
    """Return whether the canonical *url* names a site and no page of it."""
    parts = urlsplit(url)
    return parts.path == "/" and not parts.query


def _host(name: str) -> str | None:
    """Return the host called *name* in one spelling, or None if no host can be called so."""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name)}]"
    name = name.rstrip(".")
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")  # IDNAError is a ValueError
    name = name.lower()
    return name if HOST.fullmatch(name) else None


def _escaped(text: str, kept: str) -> str:
    """Return *text* with escapes in capitals, none for unreserved letters, and one for whatever may not stand bare."""
    quoted = quote(text, safe=f"{kept}%", errors="replace")
    quoted = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quoted)
    return ESCAPE.sub(_one_escape, quoted)


def _one_escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    """Return *path* with `.` and `..` resolved (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _without_tracking(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not _is_tracking(part))


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES) or FEED_MARK.fullmatch(parameter) is not None
