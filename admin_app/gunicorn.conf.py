"""How gunicorn runs the back-office; every number has its reason beside it."""

import os

import gunicorn

gunicorn.SERVER = "allotment"  # no version to strangers

bind = f"127.0.0.1:{os.environ.get('ADMIN_PORT', '8000')}"
# Threads, because pages wait for the database and for argon2, and a slow reader must not stop a colleague.
worker_class = "admin_app.worker.QuietWorker"
workers = int(os.environ.get("ADMIN_WORKERS", "2"))
threads = 8
timeout = 60  # an export streams from a thread; the main loop of a worker is never silent this long
graceful_timeout = 15
keepalive = 5
max_requests = 20_000  # replaced now and then, so that a slow leak never matters
max_requests_jitter = 2_000
limit_request_line = 8190  # a list's search and filters live in the address
limit_request_fields = 64
limit_request_field_size = 8190
forwarded_allow_ips = ""  # the back-office judges proxies itself
control_socket_disable = True  # two apps of one user would take the same path
accesslog = None
