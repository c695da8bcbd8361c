"""Import into a real Kibana, where one is given: KIBANA_URL=https://user:password@host:5601."""

import json
import os
from pathlib import Path

import pytest
import urllib3

DIST = Path(__file__).parents[3] / "kibana_saved_objects" / "dist"
URL = os.environ.get("KIBANA_URL", "")


@pytest.mark.skipif(not URL, reason="KIBANA_URL is not set: the files are not imported into a real Kibana")
@pytest.mark.parametrize("path", sorted(DIST.glob("*.ndjson")), ids=lambda path: path.stem)
def test_kibana_imports_every_object_without_an_error(path: Path):
    parts = urllib3.util.parse_url(URL)
    with urllib3.PoolManager() as pool:
        answer = pool.request(
            "POST",
            f"{parts.scheme}://{parts.netloc}/api/saved_objects/_import?overwrite=true",
            headers={"kbn-xsrf": "true", **urllib3.make_headers(basic_auth=parts.auth)},
            fields={"file": (path.name, path.read_bytes(), "application/ndjson")},
        )
        result = json.loads(answer.data)
    assert answer.status == 200, result
    assert result["success"] is True, result.get("errors")
    assert result["successCount"] == len(path.read_text().splitlines()) - 1
