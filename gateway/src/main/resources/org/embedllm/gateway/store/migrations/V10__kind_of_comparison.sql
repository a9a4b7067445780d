-- The same text runs on SQLite and PostgreSQL. What kind of prompt was compared: the benchmark it is nearest to.
ALTER TABLE comparisons ADD COLUMN kind TEXT;
