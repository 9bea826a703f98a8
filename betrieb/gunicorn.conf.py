"""gunicorn behind the proxy; one synchronous worker per core (design: pages are short)."""

import multiprocessing

from portal.common import logs

bind = "0.0.0.0:8000"
workers = max(2, multiprocessing.cpu_count())
# A district's first import is one request.
timeout = 120
graceful_timeout = 30
worker_tmp_dir = "/dev/shm"  # noqa: S108 -- memory, as gunicorn advises in containers
control_socket_disable = True
# Bigger bodies are refused by the proxy and by RefuseMiddleware, bigger heads here.
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# Replace workers now and then, not all at once.
max_requests = 5000
max_requests_jitter = 500
accesslog = None
logconfig_dict = logs.config(level="INFO", readable=False)
