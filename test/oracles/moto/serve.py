"""Serves AWS's APIs by moto on a free port of 127.0.0.1: answers its first line with the address, ends with its input."""

import logging
import sys

from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
for _ in sys.stdin:
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
server.stop()
