"""The keys of `storage_options`, by the kind of store. Names are short ones: without the cloud's prefix."""

from __future__ import annotations

from jetliner._stores.urls import Kind

#: What the long names of a cloud's keys begin with; longer prefixes first.
PREFIXES: dict[Kind, tuple[str, ...]] = {
    "s3": ("aws_",),
    "gs": ("google_",),
    "azure": ("azure_storage_", "azure_"),
    "http": ("http_",),
}

#: Keys that a store uses. Those of S3, GCS and Azure are obstore's.
KEYS: dict[Kind, frozenset[str]] = {
    "s3": frozenset(
        {
            "access_key_id",
            "checksum_algorithm",
            "conditional_put",
            "container_authorization_token_file",
            "container_credentials_full_uri",
            "container_credentials_relative_uri",
            "copy_if_not_exists",
            "default_region",
            "disable_tagging",
            "endpoint",
            "endpoint_url_s3",
            "imdsv1_fallback",
            "metadata_endpoint",
            "region",
            "request_payer",
            "role_arn",
            "role_session_name",
            "s3_express",
            "secret_access_key",
            "server_side_encryption",
            "session_token",
            "skip_signature",
            "sse_bucket_key_enabled",
            "sse_customer_key_base64",
            "sse_kms_key_id",
            "endpoint_url_sts",
            "unsigned_payload",
            "virtual_hosted_style_request",
            "web_identity_token_file",
        }
    ),
    "gs": frozenset(
        {
            "application_credentials",
            "base_url",
            "bearer_token",
            "service_account",
            "service_account_key",
            "skip_signature",
            "user_project",
        }
    ),
    "azure": frozenset(
        {
            "account_key",
            "account_name",
            "authority_host",
            "client_id",
            "client_secret",
            "credential_type",
            "disable_tagging",
            "encryption_key",
            "endpoint",
            "fabric_cluster_identifier",
            "fabric_session_token",
            "fabric_token_service_url",
            "fabric_workload_host",
            "federated_token_file",
            "msi_endpoint",
            "msi_resource_id",
            "object_id",
            "sas_key",
            "skip_signature",
            "tenant_id",
            "token",
            "use_azure_cli",
            "use_emulator",
            "use_fabric_endpoint",
        }
    ),
    "http": frozenset({"authorization", "bearer_token", "cookie", "password", "username"}),
}

#: Other names of the same keys.
ALIASES: dict[Kind, dict[str, str]] = {
    "s3": {
        "endpoint_url": "endpoint",
        "token": "session_token",
        "sts_endpoint": "endpoint_url_sts",
    },
    "gs": {
        "endpoint": "base_url",
        "endpoint_url": "base_url",
        "service_account_path": "service_account",
        "token": "bearer_token",
    },
    "azure": {
        "access_key": "account_key",
        "authority_id": "tenant_id",
        "bearer_token": "token",
        "endpoint_url": "endpoint",
        "identity_endpoint": "msi_endpoint",
        "master_key": "account_key",
        "sas_token": "sas_key",
    },
    "http": {"token": "bearer_token", "user": "username"},
}

#: Keys of the HTTP client.
CLIENT_KEYS = frozenset(
    {
        "allow_http",
        "allow_invalid_certificates",
        "connect_timeout",
        "http1_only",
        "http2_keep_alive_interval",
        "http2_keep_alive_timeout",
        "http2_keep_alive_while_idle",
        "http2_only",
        "pool_idle_timeout",
        "pool_max_idle_per_host",
        "proxy_ca_certificate",
        "proxy_excludes",
        "proxy_url",
        "randomize_addresses",
        "read_timeout",
        "root_certificate",
        "timeout",
        "user_agent",
    }
)
DURATIONS = ("connect_timeout", "read_timeout", "timeout")
#: Keys whose values are true or false.
FLAGS = frozenset(
    {
        "allow_invalid_certificates",
        "disable_tagging",
        "http1_only",
        "http2_keep_alive_while_idle",
        "http2_only",
        "imdsv1_fallback",
        "randomize_addresses",
        "request_payer",
        "s3_express",
        "skip_signature",
        "sse_bucket_key_enabled",
        "unsigned_payload",
        "use_azure_cli",
        "use_emulator",
        "use_fabric_endpoint",
        "virtual_hosted_style_request",
    }
)
#: Known keys without effect: the URL has the bucket, and jetliner has no cache and no limit of requests per second.
IGNORED = frozenset(
    {
        "bucket",
        "bucket_name",
        "container_name",
        "default_content_type",
        "disable_bulk_delete",
        "file_cache_ttl",
        "http2_max_frame_size",
        "rate_read_ceiling",
        "rate_read_floor",
        "rate_read_init",
        "rate_write_ceiling",
        "rate_write_floor",
        "rate_write_init",
    }
)
#: What other libraries (s3fs, adlfs) call these.
USUAL_NAMES = {
    "anon": "skip_signature",
    "key": "aws_access_key_id",
    "requester_pays": "request_payer",
    "secret": "aws_secret_access_key",
}
