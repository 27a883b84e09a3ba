"""Real servers on this machine without Docker: `python -m deploy.local up|down|status`.

Needs a Java runtime and Maven, which fetches the servers from Maven Central; Python's standard library is enough for
the rest. A server is one file with a class of `server.Server`, listed in `servers.SERVERS`; if Maven fetches it, one
execution of pom.xml has its name.
"""
