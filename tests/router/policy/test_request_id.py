"""Request ids."""

import uuid

import pytest

from router.policy.request_id import RandomIds, RequestId
from tests.requests_in import request_in

POLICY = RequestId(header="X-Request-ID", echo=True, make=lambda: "made")


@pytest.mark.parametrize("given", ["abc-123-def", "a" * 128, "a.b:c_d-e"])
async def test_a_harmless_id_is_kept_and_sent_back(given: str) -> None:
    request = request_in(headers={"x-request-id": given})
    await POLICY.on_request(request)
    assert request.id == given
    assert request.response_headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a" * 129, "a b", "a\nb", "é", "{}", '"', "a,b"])
async def test_any_other_id_is_replaced(given: str) -> None:
    request = request_in(headers={"x-request-id": given})
    await POLICY.on_request(request)
    assert request.id == "made"


async def test_of_two_ids_none_is_believed() -> None:
    request = request_in(headers=[("x-request-id", "a"), ("x-request-id", "b")])
    await POLICY.on_request(request)
    assert request.id == "made"


async def test_the_echo_can_be_switched_off() -> None:
    request = request_in()
    await RequestId(header="X-Request-ID", echo=False, make=lambda: "made").on_request(request)
    assert request.id == "made"
    assert "X-Request-ID" not in request.response_headers


def test_new_ids_are_random_uuids() -> None:
    make = RandomIds()
    ids = [make() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in ids} == {(4, uuid.RFC_4122)}
    assert all(str(uuid.UUID(each)) == each for each in ids)
