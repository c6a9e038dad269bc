"""`quorate dev`: a whole cluster on one machine. It scripts the production commands under a charter with
`mode: dev`; nothing else.
"""
