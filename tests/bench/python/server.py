"""The server that all peers are measured against, as a process of its own."""

import contextlib
import subprocess


@contextlib.contextmanager
def running(program, core=None, authority=None):
    """Starts the server; gives its endpoints, the plain one first. With an authority file it has one for TLS too."""
    arguments = [str(program), "" if core is None else str(core)]
    if authority is not None:
        arguments.append(str(authority))
    server = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield [server.stdout.readline().strip() for _ in range(1 if authority is None else 2)]
    finally:
        # The end of its input is the end of the server.
        server.stdin.close()
        server.wait(timeout=10)
