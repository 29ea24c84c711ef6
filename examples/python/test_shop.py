import os
from threading import Thread

import pytest
import requests

from shop import open_shop

WAIT_FOR = f"{os.environ['OTEL_EXPORTER_OTLP_ENDPOINT']}/obsvty.v1.QueryService/WaitFor"


@pytest.fixture
def checkout():
    server = open_shop()
    Thread(target=server.serve_forever, daemon=True).start()
    yield lambda cart: requests.post(f"http://127.0.0.1:{server.server_port}/checkout", json=cart)
    server.shutdown()
    server.server_close()


def test_a_declined_card_fails_the_order(checkout):
    assert checkout({"id": "c3", "amount": 999.5}).status_code == 402
    span = {"name": "charge card", "statusCode": "STATUS_CODE_ERROR", "attributes": {"cart.id": "c3"}}
    answer = requests.post(WAIT_FOR, json={"spans": span, "timeout": "10s"})
    assert answer.ok, answer.text

    # The log record of the failure belongs to the same trace.
    log = {"minSeverity": "SEVERITY_NUMBER_ERROR", "traceId": answer.json()["spans"][0]["traceId"]}
    answer = requests.post(WAIT_FOR, json={"logs": log, "timeout": "10s"})
    assert answer.ok, answer.text


def test_an_order_that_is_paid_is_counted(checkout):
    assert checkout({"id": "c1", "amount": 59.9}).status_code == 200
    metric = {"name": "shop.orders", "attributes": {"outcome": "paid"}}
    answer = requests.post(WAIT_FOR, json={"metrics": metric, "timeout": "10s"})
    assert answer.ok, answer.text
