"""Checks Signature Version 4 of recorded requests with botocore's own signer.

Reads one JSON object a line from standard input:

    {"url", "headers": [[name, value]], "body": base64, "access_key", "secret_key", "token", "service", "region"}

Prints one line for each: "ok", or what differs. The caller counts the lines.
"""

import base64
import json
import re
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
    r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
)
MUST_BE_SIGNED = {"host", "content-type", "x-amz-date", "x-amz-target"}


def verify(recorded):
    headers = {name.lower(): value for name, value in recorded["headers"]}
    match = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if not match:
        return f"no valid authorization header: {headers.get('authorization')!r}"
    access_key, date, region, service, signed, signature = match.groups()
    signed = set(signed.split(";"))
    must = MUST_BE_SIGNED | ({"x-amz-security-token"} if recorded["token"] else set())
    if not must <= signed:
        return f"not signed: {sorted(must - signed)}"
    if recorded["token"] != headers.get("x-amz-security-token"):
        return "the session token is missing or wrong"
    if (access_key, region, service) != (recorded["access_key"], recorded["region"], recorded["service"]):
        return f"the scope is {access_key}/{region}/{service}"
    if date != headers["x-amz-date"][:8]:
        return "the date of the scope is not the date of the request"
    request = AWSRequest(
        method="POST",
        url=recorded["url"],
        headers={name: headers[name] for name in signed if name != "host"},
        data=base64.b64decode(recorded["body"]),
    )
    request.headers["Host"] = headers["host"]
    request.context["timestamp"] = headers["x-amz-date"]
    credentials = Credentials(access_key, recorded["secret_key"], recorded["token"])
    signer = SigV4Auth(credentials, service, region)
    canonical = signer.canonical_request(request)
    expected = signer.signature(signer.string_to_sign(request, canonical), request)
    return "ok" if expected == signature else f"botocore signs {expected} over:\n{canonical}".replace("\n", "\\n")


for line in sys.stdin:
    print(verify(json.loads(line)), flush=True)
