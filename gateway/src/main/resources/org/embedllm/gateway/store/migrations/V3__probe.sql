-- The same text runs on SQLite and PostgreSQL. Written to see whether the database takes writes.
CREATE TABLE probe (
  id INTEGER PRIMARY KEY,
  at_millis BIGINT NOT NULL
);
