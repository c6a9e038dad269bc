"""Tokens as official SDKs make them, and the public key that verifies them; the private key was thrown away.

They are constants so that a run under one seed is the same run again.
"""

from typing import Final

from quorate.core.evidence import token

PEM: Final = """\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArNYcZ1nfYwCE5Y72baca
BULk4yK/hq0XppWQJ/CcBgKOArJbuax/uQkrP/om6AXr2Chbins4EclWrFUclrxk
q8/GkOJ0CtpVCOUoWOgfV9dNl4/BxeDtSZGjFgGUiZ9bxvAvCsLR7eyPvboknKYP
IsnXvNbfSlQzRGiZQd3t7iwqOma6CY3a0pFD7vnjKLRkZCR5SLEanAmayJqJRRC7
x2Lvk6n8UmGhuaLKpmRRHkCrS3wxBTskgzn0OUEZd+gCqL2GfkPaeeLlktRFydwX
gTaxc7t8g5dCJ3v5+bP/mTkZzmHZWDPzXlknDO/iP7gYSbR/hCCKYZmIN7QfPaTU
FQIDAQAB
-----END PUBLIC KEY-----
"""
BODY: Final = b'{"operation":"TRANSFER"}'
NOW: Final = 1_764_000_000
TOKENS: Final = (
    (
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1cmkiOiIvdjEvdHJhbnNhY3Rpb25zIiwibm9uY2UiOiIyZjBiNmEzZS0"
        "xIiwiaWF0IjoxNzY0MDAwMDAwLCJleHAiOjE3NjQwMDAwNTUsInN1YiI6InVzZXIiLCJib2R5SGFzaCI6IjM4YWQ2OWViODI"
        "zZWZmMGM0ZDhmNDE2Y2VkYTc3YjlhMWY1YmNmMzJmY2UxODkyZDhkNmNjMmE3Mzg2YzQ3MDYifQ.fnpKbXNfCpvwlngsjKVM"
        "j4NL3RBxZhQgotXQLwXfN9uPkOVTHEHeOsjvgwo2fGZtWzdLB8nIkkJeBdFAvabg7V5rIb3fBfTM0lroNfc-7PEu85Gk_bUl"
        "PciAjUme1lR7T5OQ3zeFo2OpytdNdbePnlPzNeFH5DQbEWyXK7W4iaYJg0039wlrz7nKQWstPxExe4_3OptOoD5kK28l4Xqy"
        "GR6jVY5EF3FnsyCF2ibPtTqDZoNeS8yWDEfrneF0dtLF_LRedVEuDweaFViw-7wisIJwOe96-mHsIVjDx0PeMvSxMdoaSfFT"
        "_JVnYuz1CfZ_ryD1xsuUn7gkBfFnrI1cTQ"
    ),
    (
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIiwidHlwIjoiSldUIn0.eyJ1cmkiOiIvdjEvdHJhbnNhY3Rpb25zIiwibm9u"
        "Y2UiOjcsImlhdCI6MTc2NDAwMDAwMCwiZXhwIjoxNzY0MDAwMDU1LCJzdWIiOiJ1c2VyIiwiYm9keUhhc2giOiIzOGFkNjll"
        "YjgyM2VmZjBjNGQ4ZjQxNmNlZGE3N2I5YTFmNWJjZjMyZmNlMTg5MmQ4ZDZjYzJhNzM4NmM0NzA2In0.DtRhvK2iYd2mJ_cd"
        "W0IUi6GAO_g-s-zaKMiRVA9why_CtVTyJTkDRlwKXPgQMqC7xorrgD4gul03mi9ohqBV18Yn-JO9CWsyvoVUvKwyPu5TUS7F"
        "Jf7ugfloHbAz_qxbGrNeezozygD1onhkJcHNLpN9CR6U-ykEt_RR2MuVIdOHHp4dc3Luu7tBz7DjIhiCxySfpInVeUPszqhc"
        "iavrqQM6C5rOJNwuwmGd-usJAdW5g5fBLZ_yac0z2IpFwNlTpsHT8Ulyn6FX7ePd4R9ZSFBk12uWRX3KbNDTUh9ifH1IPs-8"
        "Vtap0TP31E5anjrgNli7SmQX1cYdELeFOWA_ag"
    ),
)
"""With a nonce that is text, and with the integer of the older SDK and a key id."""


def verify(text: str) -> token.Claims:
    """Raises Refused."""
    return token.verify(
        text, method="POST", uri="/v1/transactions", body=BODY, user_key_pem_lookup=_key, now=NOW, skew=5
    )


def _key(sub: str) -> str | None:
    return PEM if sub == "user" else None
