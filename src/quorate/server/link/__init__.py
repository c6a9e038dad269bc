"""The signers' side of the server: they dial in over mTLS, it relays what it cannot read and asks what they
may refuse.
"""

import os

# gRPC's Python binding cannot set a lowest TLS version. This list names the suites of TLS 1.2 only (those of
# 1.3 are fixed), and the one it names needs a pre-shared key that nobody has: a handshake below 1.3 finds no
# common suite. Read once, when grpc is loaded: hence here, before any module of this package.
os.environ["GRPC_SSL_CIPHER_SUITES"] = "ECDHE-PSK-AES128-CBC-SHA"
