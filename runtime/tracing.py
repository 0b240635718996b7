"""One trace for all that happens to a job, in the W3C form that the events carry.

Lambda's own X-Ray segments stay separate per invocation; what ties a job's days together is this id, which
every event and every log line has (docs/decisions/0004).
"""

import re
import secrets

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_XRAY_ROOT = re.compile(r"Root=1-([0-9a-f]{8})-([0-9a-f]{24})")


def traceparent(incoming: str | None, xray_header: str | None) -> str:
    """Continue the caller's trace, else X-Ray's, else begin one."""
    if incoming and _TRACEPARENT.fullmatch(incoming):
        return incoming
    root = _XRAY_ROOT.search(xray_header or "")
    trace_id = "".join(root.groups()) if root else secrets.token_hex(16)
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"


def trace_id(parent: object) -> str | None:
    """Give the trace id in a ``traceparent``, or ``None`` when that is not what it is."""
    if not isinstance(parent, str) or not _TRACEPARENT.fullmatch(parent):
        return None
    return parent.split("-")[1]
