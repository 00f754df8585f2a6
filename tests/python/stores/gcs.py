"""Google Cloud Storage: fake-gcs-server. It asks nobody for credentials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from stores.bucket import Bucket, BucketServer, encoded, send
from stores.process import Process, home
from stores.proxy import Proxy


class GcsServer(BucketServer):
    def __init__(self) -> None:
        program = home("go-servers") / "gcs"

        def command(port: int, directory: Path) -> Sequence[str]:
            return [str(program), f"127.0.0.1:{port}"]

        super().__init__(Process("fake-gcs-server", command))

    def bucket(self, name: str = "") -> GcsBucket:
        """Make a bucket."""
        bucket = GcsBucket(name or self.new_name(), self.port)
        body = json.dumps({"name": bucket.name}).encode()
        send(self.port, "POST", "/storage/v1/b", body, {"Content-Type": "application/json"})
        return bucket


class GcsBucket(Bucket):
    scheme = "gs"

    def put(self, key: str, data: bytes) -> str:
        target = f"/upload/storage/v1/b/{self.name}/o?uploadType=media&name={encoded(key, safe='')}"
        send(self.port, "POST", target, data, {"Content-Type": "application/octet-stream"})
        return self.url(key)

    def delete(self, key: str) -> None:
        send(self.port, "DELETE", f"/storage/v1/b/{self.name}/o/{encoded(key, safe='')}")

    def keys(self) -> list[str]:
        content = send(self.port, "GET", f"/storage/v1/b/{self.name}/o")
        return [item["name"] for item in json.loads(content).get("items", [])]

    def options(self, proxy: Proxy | None = None, **changes: str) -> dict[str, str]:
        return {
            "google_base_url": self._endpoint(proxy),
            "google_skip_signature": "true",
            "allow_http": "true",
            **changes,
        }
