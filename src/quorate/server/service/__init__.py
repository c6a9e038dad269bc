"""Use cases, one a file: admit -> build -> open -> vote -> release -> finish, and what surrounds them."""
