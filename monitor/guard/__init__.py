"""The one door to the network: an address and a deadline go in, a bounded answer or a WireError comes out.

Which addresses may be reached is checked where the socket is opened, on the
very addresses that are connected to: a name that answers differently the second
time it is asked (DNS rebinding) gains nothing, and neither does a redirect,
since every hop comes through here.  httpx2 and httpcore2 live here and nowhere
else; we use the pool below the client, because the client keeps cookies, follows
the environment's proxies and logs addresses, all of which we would have to undo.
"""

from monitor.guard.addresses import refusal
from monitor.guard.answer import Answer, Headers, WireError, http_date
from monitor.guard.door import Door, door
from monitor.guard.shown import redacted, shown

__all__ = ["Answer", "Door", "Headers", "WireError", "door", "http_date", "redacted", "refusal", "shown"]
