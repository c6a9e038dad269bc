"""Types of the generated link_pb2_grpc (grpcio-tools writes none). grpc itself is untyped, hence Any at its border."""
from typing import Any

class LinkStub:
    Attach: Any
    def __init__(self, channel: Any) -> None: ...

class LinkServicer:
    def Attach(self, request_iterator: Any, context: Any) -> Any: ...

def add_LinkServicer_to_server(servicer: LinkServicer, server: Any) -> None: ...
