"""Which addresses may be reached.  Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Table = Sequence[tuple[IPv4Network | IPv6Network, str]]


def _table(text: str) -> Table:
    rows = (line.split(None, 1) for line in text.strip().splitlines())
    return tuple((IPv6Network(net) if ":" in net else IPv4Network(net), what) for net, what in rows)


NEVER: Final = _table("""
    169.254.169.254/32  a cloud's metadata service
    168.63.129.16/32    a cloud's metadata service
    100.100.100.200/32  a cloud's metadata service
    192.0.0.192/32      a cloud's metadata service
    fd00:ec2::254/128   a cloud's metadata service
    fd20:ce::254/128    a cloud's metadata service
    0.0.0.0/8           no address of a host
    224.0.0.0/4         multicast
    240.0.0.0/4         reserved
    ::/128              no address of a host
    ff00::/8            multicast
""")
"""Refused whatever a feed or channel allows: nobody publishes there, and metadata services hand out keys."""

PRIVATE: Final = _table("""
    10.0.0.0/8          private
    172.16.0.0/12       private
    192.168.0.0/16      private
    127.0.0.0/8         loopback
    169.254.0.0/16      link-local
    100.64.0.0/10       shared by a carrier's customers
    192.0.0.0/24        reserved for protocols
    192.0.2.0/24        reserved for documentation
    192.31.196.0/24     reserved for protocols
    192.52.193.0/24     reserved for protocols
    192.88.99.0/24      a relay to IPv6
    192.175.48.0/24     reserved for protocols
    198.18.0.0/15       reserved for benchmarks
    198.51.100.0/24     reserved for documentation
    203.0.113.0/24      reserved for documentation
    ::1/128             loopback
    fc00::/7            private
    fe80::/10           link-local
    fec0::/10           site-local
    2001::/23           reserved for protocols
    2001:db8::/32       reserved for documentation
    2620:4f:8000::/48   reserved for protocols
    3fff::/20           reserved for documentation
""")
"""Refused unless private addresses are allowed.  IANA's special-purpose registries of 2025-10; `is_global` of
Python 3.11 lets sixteen of these through."""

PUBLIC_6: Final = IPv6Network("2000::/3")  # all that IANA has given out for hosts

CARRIERS: Final = (
    (IPv6Network("::ffff:0:0/96"), 0, "an IPv4 address mapped into IPv6"),
    (IPv6Network("::ffff:0:0:0/96"), 0, "an IPv4 address translated into IPv6"),
    (IPv6Network("64:ff9b::/96"), 0, "an IPv4 address behind NAT64"),
    (IPv6Network("64:ff9b:1::/48"), 0, "an IPv4 address behind NAT64"),
    (IPv6Network("2002::/16"), 80, "an IPv4 address behind 6to4"),
    (IPv6Network("2001::/32"), 0, "an IPv4 address behind Teredo"),
    (IPv6Network("::/96"), 0, "an IPv4 address written as IPv6"),
)
"""IPv6 forms that carry an IPv4 address, and how many bits stand to the right of it."""

NUMBER: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]*))*", re.IGNORECASE)


@lru_cache(1024)  # both ends of a connection are looked at, and a publisher's address comes again and again
def refusal(address: str, *, allow_private: bool) -> str | None:
    """Return why the literal *address* may not be reached, or None if it may."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is no address"
    if what := _listed(ip, NEVER):
        return f"{address} is {what}"
    private = _listed(ip, PRIVATE)
    if isinstance(ip, IPv6Address):
        carried = None if private == "loopback" else _carried(ip)
        if carried:
            inner, form = carried
            worse = refusal(str(inner), allow_private=allow_private)
            return f"{address} is {form}: {worse}" if worse else None if allow_private else f"{address} is {form}"
        if private is None and ip not in PUBLIC_6:
            return f"{address} is reserved"
    return f"{address} is {private}" if private and not allow_private else None


def refusal_of_name(host: str, *, allow_private: bool) -> str | None:
    """Return why *host*, which somebody else will look up, may not be asked for, or None if it may.

    A literal address is judged like any other.  What a resolver would take for
    one (127.1, 0x7f000001) and the names of one's own machine are not names of
    the web.
    """
    try:
        ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        if NUMBER.fullmatch(host):
            return f"{host} is a number that some take for an address"
        own = host.lower().rstrip(".").rpartition(".")[2] == "localhost"
        return f"{host} is loopback" if own and not allow_private else None
    return refusal(host.strip("[]"), allow_private=allow_private)


def _listed(ip: IPv4Address | IPv6Address, table: Table) -> str | None:
    return next((what for network, what in table if ip.version == network.version and ip in network), None)


def _carried(ip: IPv6Address) -> tuple[IPv4Address, str] | None:
    for network, shift, form in CARRIERS:
        if ip in network:
            bits = int(ip) >> shift & 0xFFFFFFFF
            return IPv4Address(bits ^ 0xFFFFFFFF if "Teredo" in form else bits), form
    return None
