"""The server's database: SQLAlchemy Core over SQLite or PostgreSQL. Losing it loses no key and no rule,
only bookkeeping."""
