"""Why what was aimed at is not reached: the words that the page has for targets that a run does not meet.

`{ours}` and `{floor}` are the figures of that run, `{aim}` what was aimed at. A reason that is printed under figures of another
machine must still be true, so whatever can be taken from the run is taken from it.
"""

from __future__ import annotations

GAP = """\
Fifty calls that begin together are fifty tasks that are ready in the same turn of the event loop, and `asyncio` comes back to
anybody else only after it has gone round: what one step of a call costs counts fifty times. Each first step makes a request
and opens a connection, and as all pictures end at the same moment, the steps behind them come together as well. The floor,
which does nothing but that with httpx2 (no address checked, no picture looked into), holds the loop up for {floor}. Nothing
blocks: with one call at once, the table under *Many calls at once* has the gap of a single one, and no gap grows with the time
for which a server takes its time."""

THRONG = """\
Most of what is left is what every sender does: read 1 MB, make base64 of it, and hand 1.33 MB to the kernel, which copies it.
The floor, which does that and validates the answer, reaches {floor} in this run, at its own rate of calls; what goes beyond it
checks what is sent and what comes back. The raw SDK does nothing of the kind and is slow by its copies, so how many times its
rate can be reached says what copies cost on a machine."""

HELD = """\
The SDK's client takes a body that is whole, so each call that has begun holds its picture in base64; our own sender reads it
from the file while it is sent."""
