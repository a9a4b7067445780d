-- The same text runs on SQLite and PostgreSQL. Answers of two models to one request, scored by a judge.
CREATE TABLE comparisons (
  decision TEXT PRIMARY KEY,
  at_millis BIGINT NOT NULL,
  answered TEXT NOT NULL,
  other TEXT NOT NULL,
  candidates INTEGER NOT NULL,
  answered_score DOUBLE PRECISION NOT NULL,
  other_score DOUBLE PRECISION NOT NULL,
  usd DOUBLE PRECISION NOT NULL
);
