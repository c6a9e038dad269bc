"""The server: HTTP doors, coordination, chain access, storage. It has no authority: it may delay or lie, it
never decides."""
