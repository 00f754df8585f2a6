"""S3: versitygw. It keeps objects as files, and checks signatures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from stores.bucket import BucketServer, SignedBucket
from stores.process import Process, home
from stores.proxy import Proxy

ACCESS_KEY = "testkey"
SECRET_KEY = "testsecret"
REGION = "eu-central-1"


class S3Server(BucketServer):
    def __init__(self) -> None:
        program = home("go-servers") / "s3"

        def command(port: int, directory: Path) -> Sequence[str]:
            places = [directory / name for name in ("objects", "metadata")]
            for place in places:
                place.mkdir(exist_ok=True)
            return [str(program), f"127.0.0.1:{port}", REGION, *map(str, places)]

        credentials = {"ROOT_ACCESS_KEY_ID": ACCESS_KEY, "ROOT_SECRET_ACCESS_KEY": SECRET_KEY}
        super().__init__(Process("versitygw", command, credentials))
        self._clients: dict[int, Any] = {}

    def client(self, proxy: Proxy | None = None) -> Any:
        """A client of boto3."""
        port = proxy.port if proxy else self.port
        if port not in self._clients:
            self._clients[port] = boto3.client(
                "s3",
                endpoint_url=f"http://127.0.0.1:{port}",
                region_name=REGION,
                aws_access_key_id=ACCESS_KEY,
                aws_secret_access_key=SECRET_KEY,
                config=Config(
                    s3={"addressing_style": "path"},
                    retries={"total_max_attempts": 1},
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                    signature_version="s3v4",
                ),
            )
        return self._clients[port]

    def bucket(self, name: str = "") -> S3Bucket:
        """Make a bucket."""
        bucket = S3Bucket(self, name or self.new_name())
        self.client().create_bucket(Bucket=bucket.name)
        return bucket


class S3Bucket(SignedBucket):
    scheme = "s3"

    def __init__(self, server: S3Server, name: str) -> None:
        super().__init__(name, server.port)
        self.server = server

    def put(self, key: str, data: bytes) -> str:
        self.server.client().put_object(Bucket=self.name, Key=key, Body=data)
        return self.url(key)

    def delete(self, key: str) -> None:
        self.server.client().delete_object(Bucket=self.name, Key=key)

    def keys(self) -> list[str]:
        pages = self.server.client().get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def options(self, proxy: Proxy | None = None, **changes: str) -> dict[str, str]:
        return {
            "endpoint": self._endpoint(proxy),
            "aws_access_key_id": ACCESS_KEY,
            "aws_secret_access_key": SECRET_KEY,
            "region": REGION,
            **changes,
        }

    def wrong_secret(self, proxy: Proxy | None = None) -> dict[str, str]:
        return self.options(proxy, aws_secret_access_key="wrong")

    def environment(self, proxy: Proxy | None = None) -> dict[str, str]:
        """The same as ``options``, as environment variables of AWS."""
        return {
            "AWS_ENDPOINT_URL": self._endpoint(proxy),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
        }

    def make_public(self) -> None:
        """Allow everyone to read and to list."""
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [f"arn:aws:s3:::{self.name}", f"arn:aws:s3:::{self.name}/*"],
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.server.client().put_bucket_policy(Bucket=self.name, Policy=policy)

    def presigned(self, key: str, proxy: Proxy | None = None, seconds: int = 3600) -> str:
        """URL for GET, with a signature in the query. Other methods are refused."""
        params = {"Bucket": self.name, "Key": key}
        url: str = self.server.client(proxy).generate_presigned_url("get_object", Params=params, ExpiresIn=seconds)
        return url
