"""Objects in S3, GCS, Azure and behind HTTP: their URLs, credentials, requests and lists. obstore is imported late."""
