"""Amazon Bedrock, by its Converse API (`bedrock/…`).

codec     encode, decode, deltas, errors, where to post      messages   messages → content blocks
tables    families, parameters, stop reasons, errors         tools      tools, choices, schema output
media     the media table                                    sdk        the bridge to boto3, and its signer
"""

from __future__ import annotations

from ...adapter import Endpoint, Framing, Provider, Sdk
from .codec import BedrockConverse, locate, place
from .sdk import Boto3, sign

provider = Provider(
    BedrockConverse(),
    Endpoint(
        "",
        "",
        ("AWS_BEARER_TOKEN_BEDROCK",),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"),
        place=place,
        framing=Framing.AWS,
        sign=sign,
        locate=locate,
        key_needed=False,  # without one, requests are signed
    ),
    Sdk("botocore", "bedrock", ("BedrockRuntime",), ("BedrockRuntime",), bridge=Boto3()),
)
