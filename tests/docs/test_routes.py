"""Every address that the hub answers is in its OpenAPI document."""

import re

from hub.api.endpoints import TABLE
from hub.api.openapi import document
from hub.http import METRICS_PATH
from hub.mcp import PATHS
from tests.docs.pages import PAGES

OF_THE_DOCUMENT_ITSELF = {"/openapi.json", "/docs"}


def paths() -> set[str]:
    described = document(TABLE, title="hub", version="1", url="/")["paths"]
    return {re.sub(r"\{[^}]*\}", "{}", path) for path in described}


def test_every_endpoint_is_described() -> None:
    assert {re.sub(r"\{[^}]*\}", "{}", endpoint.path) for endpoint in TABLE} == paths()


def test_addresses_in_the_pages_exist() -> None:
    named = {
        found for path in PAGES for found in re.findall(r"`(?:GET |POST )?(/(?:api/v2/)?[a-z./]+)`", path.read_text())
    }
    assert named
    known = paths() | OF_THE_DOCUMENT_ITSELF | set(PATHS) | {METRICS_PATH}
    assert {address for address in named if address != "/api/v2"} <= known
