"""Media from the web, without letting an address lead where it should not.

    fetch(url, policy)       flow.py       resolve → check → pin → get → redirects, as effects
    ├── check_url            guard.py      one URL → Target, or refused
    │   └── canonical        hosts.py      one spelling of a host, or none
    ├── check_address        networks.py   one IP address: public, granted, or refused; the tables with their RFCs
    ├── decoded              coding.py     gzip and deflate, bounded
    └── stored               storage.py    s3://, gs://, …: named in the policy, read by the drivers
    MediaPolicy              policy.py     what the caller allows; inside_roots for local files

Everything here is a function of its arguments: names are resolved, connections made and clocks read by the drivers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._later import homes, later
from .policy import MediaPolicy, inside_roots

if TYPE_CHECKING:
    from .flow import Fetched, fetch
    from .guard import Target, check_url, safe_url
    from .networks import check_address
else:
    __getattr__ = later(
        __name__,
        homes(
            flow="Fetched fetch",
            guard="Target check_url safe_url",
            networks="check_address",
        ),
    )

__all__ = [
    "Fetched",
    "MediaPolicy",
    "Target",
    "check_address",
    "check_url",
    "fetch",
    "inside_roots",
    "safe_url",
]
