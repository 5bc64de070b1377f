"""The hosted service's HTTP API in front of any generator.

``make_app`` gives the application, ``run`` puts it behind a socket.
"""
