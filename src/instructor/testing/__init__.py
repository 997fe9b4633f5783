"""For tests without a key: a server on this machine that answers in the providers' formats, and judges requests.

    Loopback   the server; see its docstring
    Recorded   a request that arrived
    Wire       how an answer travels: late, in drips, cut off
    sample     a value that conforms to a JSON Schema
    record     a Tape: real exchanges, recorded once and replayed without a key

No provider's SDK is imported until a request has to be held against its types.
"""

from .answering import Recorded
from .loopback import DIALECTS, Loopback
from .record import Tape, record
from .samples import sample
from .script import Wire

__all__ = ["DIALECTS", "Loopback", "Recorded", "Tape", "Wire", "record", "sample"]
