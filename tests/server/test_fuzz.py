"""Random requests with honest tokens: whatever they hold, the answer has the dialect's form and is no 5xx."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.judge.cluster import Cluster, raw_eddsa, transfer
from tests.server.running import Running, serve
from tests.server.test_bad_input import ROUTES

pytestmark = pytest.mark.asyncio(loop_scope="module")
EXAMPLES = 150


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with serve(cluster, tmp_path_factory.mktemp("fuzz")) as running:
        await running.attach()
        yield running


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["0", "ETH", "1.5", "RAW"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted(
    {
        *transfer(),
        *raw_eddsa(),
        "name",
        "autoFuel",
        "description",
        "note",
        "externalTxId",
        "feeLevel",
        "gasPrice",
        "maxFee",
    }
)
bodies = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), values, max_size=5)
mutations = st.tuples(st.sampled_from([transfer(), raw_eddsa()]), bodies).map(
    lambda pair: {**pair[0], **pair[1]}
)
segments = st.sampled_from(["v1", "vault", "accounts", "0", "ETH", "transactions", "addresses"]) | st.text(
    min_size=1, max_size=8
)
queries = st.dictionaries(
    st.sampled_from(["limit", "next", "prev", "before", "after", "status", "orderBy", "sort", "assets"]),
    st.text(max_size=12),
    max_size=3,
)


def looks_right(response: Any) -> None:
    assert response.status_code < 500 or response.status_code == 503, response.text
    if response.status_code >= 400:
        assert set(response.json()) == {"message", "code"}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(ROUTES), bodies | mutations | values)
async def test_bodies(shared: Running, route: tuple[str, str], body: Any) -> None:
    method, path = route
    raw = b"" if method == "GET" else json.dumps(body).encode()
    looks_right(await shared.call(method, path, raw=raw))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["GET", "POST", "PUT", "DELETE"]), st.lists(segments, min_size=1, max_size=5), queries)
async def test_paths_and_queries(
    shared: Running, method: str, parts: list[str], query: dict[str, str]
) -> None:
    path = "/" + "/".join(quote(part, safe="") for part in parts) + ("?" + urlencode(query) if query else "")
    looks_right(await shared.call(method, path))
