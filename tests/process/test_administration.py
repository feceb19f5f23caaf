"""What whoever runs the server sees: health for everybody, figures for those who are near."""

import os

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.process.people import CLIENT, register

pytestmark = [pytest.mark.database, pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="Myelin's own pages")]

FROM_AFAR = {"X-Forwarded-For": "203.0.113.7"}


def metrics(base_url: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """The samples by name and label values."""
    text = httpx.get(f"{base_url}/_myelin/metrics").raise_for_status().text
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_health_says_ok_and_near_callers_hear_more(myelin_url: str) -> None:
    answer = httpx.get(f"{myelin_url}/_myelin/health")
    assert answer.status_code == 200
    health = answer.json()
    assert health["status"] == "ok"
    assert health["head"] >= 0
    assert health["processes"] >= 1
    assert abs(health["clock_difference_ms"]) < 2000


def test_who_comes_from_afar_hears_only_whether_it_is_well(myelin_url: str) -> None:
    assert httpx.get(f"{myelin_url}/_myelin/health", headers=FROM_AFAR).json() == {"status": "ok"}
    refused = httpx.get(f"{myelin_url}/_myelin/metrics", headers=FROM_AFAR)
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")


def test_metrics_count_requests_by_route_and_never_by_what_was_asked(myelin_url: str) -> None:
    route = "/_matrix/client/v1/media/download/{serverName}/{mediaId}"
    before = metrics(myelin_url).get(("myelin_requests_total", ("GET", route, "401")), 0)
    httpx.get(f"{myelin_url}/_matrix/client/v1/media/download/secret.example/unheardof")
    after = metrics(myelin_url)
    assert after["myelin_requests_total", ("GET", route, "401")] == before + 1
    assert after["myelin_request_seconds_count", ("GET", route)] >= before + 1
    assert "unheardof" not in str(after) and "secret" not in str(after)


def test_metrics_follow_what_is_appended(myelin_url: str) -> None:
    before = metrics(myelin_url)
    headers = register(myelin_url, f"metrics-{os.getpid()}")
    assert httpx.get(f"{myelin_url}{CLIENT}/account/whoami", headers=headers).is_success
    after = metrics(myelin_url)
    grown = (
        "myelin_appended_batches_total",
        "myelin_appended_entries_total",
        "myelin_append_seconds_total",
        "myelin_head",
    )
    for name in grown:
        assert after[name, ()] > before[name, ()], name
    assert after["myelin_healthy", ()] == 1
    assert after["process_resident_memory_bytes", ()] > 0


def test_the_page_at_the_address_runs_nothing_from_elsewhere(myelin_url: str) -> None:
    page = httpx.get(f"{myelin_url}/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert (
        "default-src 'none'" in policy
        and "frame-ancestors 'none'" in policy
        and "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
    )
    assert "http://" not in page.text and "https://" not in page.text and "<script>" not in page.text
    assert "Disallow: /" in httpx.get(f"{myelin_url}/robots.txt").text
