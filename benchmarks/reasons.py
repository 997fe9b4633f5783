"""Why what was aimed at is not reached: the words that the page has for targets that a run does not meet.

`{ours}` and `{floor}` are the figures of that run, `{aim}` what was aimed at. A reason that is printed under figures of another
machine must still be true, so whatever can be taken from the run is taken from it.
"""

from __future__ import annotations

MADE = """\
What is ours in these lines are 17 small modules and one object, 6 to 8 ms of CPU where that was measured alone, in one
process beside the SDK's lines. Here it is the difference of two figures that are fifty to a hundred times as large, and
each moves by some per cent from one interpreter to the next: where the quartiles lie on both sides of the target, the next
run may meet it."""

PICTURES = """\
Files are opened and looked at in a thread, all files of a call in one visit, so that a slow disk holds up nobody in the
event loop. For three files of 20 kB to go there and back takes longer than what is done there. The floor ({floor}) and the
raw SDK's row read them in the loop."""

ALONE = """\
An absolute figure: it follows the machine's speed, of which the fixed loop of pure Python at the top of this page tells. At
5 ms for that loop a call with one message takes 55 to 60 µs: some 250 function calls without one that stands out, of which
the validation of the answer is 4 µs."""

GAP = """\
Fifty calls that begin together are fifty tasks that are ready in the same turn of the event loop, and `asyncio` comes back
to anybody else only after it has gone round. Our flows let it turn after three milliseconds of their own work; what is left
of the gap is one step of a flow, reads of whatever has arrived meanwhile, and a pause of the garbage collector, each longer
on a slower machine. The floor, which does nothing but that with httpx2 (no address checked, no picture looked into) and
lets the loop turn nowhere, holds it up for {floor}. Nothing blocks: no gap grows with the time for which a server takes its
time."""

THRONG = """\
What is left of a call is reading 1 MB, making base64 of it, and handing 1.33 MB to the kernel, which copies it; then
httpx2, httpcore2 and asyncio, about half of the time of a call. The floor, which does that and validates the answer,
reaches {floor} of the raw SDK's rate in this run."""

THRONG_SDK = """\
The body is read from the file while it goes out through the SDK's own HTTP client, as through our sender. What is left
above the floor ({floor}) is the SDK's: its options and retries around each request, and one pool of up to a thousand
connections, which looks through all of them whenever a request begins or ends."""

HELD = """\
Through an HTTP client that the caller has put in, or that something listens to, the body is whole, as the SDK's contract
has it: each call that has begun holds its picture in base64. Our own sender reads it from the file while it is sent."""
