"""The document says what the server does: a tester that reads it finds nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tones import MODEL, Served, served

from musicgen_daw.server.options import Options


def test_the_document_needs_no_key_and_names_ranges_and_defaults(server: Served) -> None:
    told = httpx.get(f"{server.url}/openapi.json", trust_env=False).json()
    assert told["openapi"].startswith("3.1")
    asked = told["components"]["schemas"]["Asked"]
    assert asked["required"] == ["prompt"]
    duration, seed = asked["properties"]["duration"], asked["properties"]["seed"]
    assert (duration["minimum"], duration["maximum"], duration["default"]) == (1, 30, 10)
    assert (seed["minimum"], seed["maximum"], seed["default"]) == (-1, 9999, 42)
    assert {f"/v1/{MODEL}", f"/v2/{MODEL}"} < set(told["paths"])


CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,ignored_auth,"
    "unsupported_method,allow_header_conformance,positive_data_acceptance,"
    "missing_required_header"
)


@pytest.mark.slow
def test_schemathesis_finds_no_500_and_no_undocumented_answer(tmp_path: Path) -> None:
    pytest.importorskip("schemathesis")
    with served(
        tmp_path, options=Options(queue=1000, usd_per_second=0 * Options().usd_per_second)
    ) as server:
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json",
            "--header", f"x-api-key: {server.key}", "--checks", CHECKS, "--max-examples", "40",
            "--seed", "1", "--generation-deterministic", "--no-shrink", "--no-color",
            "--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all",
            "--warnings", "off",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert "Fuzzing" in done.stdout
