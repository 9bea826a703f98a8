"""PostgreSQL, broker and mail sink for a machine that has none; imports no Django."""
