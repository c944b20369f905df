"""What the local farm remembers: SQLite tables and the functions that read and change them."""
