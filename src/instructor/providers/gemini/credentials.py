"""Application Default Credentials for Vertex, where no access token is given: `google-auth` finds and renews them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

from ...errors import MissingKey

SCOPE = "https://www.googleapis.com/auth/cloud-platform"

HELP = (
    "vertexai needs an access token: pass api_key=… (`gcloud auth print-access-token` prints one), set "
    "GOOGLE_OAUTH_ACCESS_TOKEN, or install google-auth and set up Application Default Credentials"
)

_renewing = threading.Lock()


def signed(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
    """The header with a token that is valid now.

    Raises:
        MissingKey: google-auth is not installed, or finds no credentials.
    """
    try:
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request
    except ImportError:
        raise MissingKey(HELP) from None
    try:
        found = _found()
        with _renewing:
            if not found.valid:
                found.refresh(Request())
    except GoogleAuthError as error:
        raise MissingKey(f"{HELP} ({type(error).__name__})") from error
    return {"authorization": f"Bearer {found.token}"}


@cache
def _found() -> Any:
    import google.auth

    return google.auth.default(scopes=[SCOPE])[0]
