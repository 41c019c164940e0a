"""How gunicorn runs the gateway; every number has its reason beside it."""

import os

import gunicorn
from gunicorn.http import message

gunicorn.SERVER = "allotment"  # no version to strangers
# Two of these would reach the application as one key with a comma, and a retry that sends one of them as a new order.
message.RFC9110_5_3_SINGLETON_FIELDS |= {"IDEMPOTENCY-KEY"}

bind = f"127.0.0.1:{os.environ.get('GATEWAY_PORT', '8001')}"
# Threads, because with a few sync workers as many slow readers stop every partner. Two processes use two cores.
worker_class = "gateway_app.worker.ProblemWorker"
workers = int(os.environ.get("GATEWAY_WORKERS", "2"))
threads = 8
timeout = 30  # a worker whose main loop is silent this long is replaced
graceful_timeout = 15  # a generation waits at most 3 s for a lock
keepalive = 5
max_requests = 100_000  # replaced now and then, so that a slow leak never matters
max_requests_jitter = 10_000
limit_request_line = 2048  # the longest path has two uuids and a cursor
limit_request_fields = 64
limit_request_field_size = 12_288  # a token of 10 kB is told that it is no key, like any other
forwarded_allow_ips = ""  # the gateway judges proxies itself (GATEWAY 8)
control_socket_disable = True  # two apps of one user would take the same path
accesslog = None
