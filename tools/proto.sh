#!/bin/sh
# Regenerates src/quorate/core/proto from proto/. Run from anywhere; PYTHON picks the interpreter with grpcio-tools.
# The virtual include path makes the generated modules importable as quorate.core.proto.<name>_pb2.
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-.venv/bin/python}"
out=src/quorate/core/proto
"$python" -m grpc_tools.protoc -Iquorate/core/proto=proto --python_out=src --pyi_out=src \
    quorate/core/proto/link.proto quorate/core/proto/keeper.proto
"$python" -m grpc_tools.protoc -Iquorate/core/proto=proto --grpc_python_out=src quorate/core/proto/link.proto
# A field named `bytes` would shadow the type inside its class, so the stubs name the builtin in full.
for stub in $out/link_pb2.pyi $out/keeper_pb2.pyi; do
    sed -i -e 's/: bytes$/: builtins.bytes/' -e 's/\[bytes\]/[builtins.bytes]/g' -e 's/, bytes\]/, builtins.bytes]/g' \
        -e 's/_Mapping\]/_Mapping[str, object]]/g' \
        -e 's/\*\*kwargs)/**kwargs: object)/' -e '1i import builtins' "$stub"
done
