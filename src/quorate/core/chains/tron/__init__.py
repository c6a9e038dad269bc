"""TRON: address, build, decode, attach. Builder and decoder share no code.

Sources are the published protobuf definitions (core/Tron.proto, core/contract/*.proto) and the TVM's ABI,
which is that of the EVM with 21-byte addresses cut to 20.
"""
