-- The same text runs on SQLite and PostgreSQL.
ALTER TABLE decisions ADD COLUMN route_millis DOUBLE PRECISION;
ALTER TABLE decisions ADD COLUMN first_byte_millis DOUBLE PRECISION;
