-- The same text runs on SQLite and PostgreSQL. Votes of clients: which model answered a decision's prompt better.
CREATE TABLE votes (
  decision TEXT PRIMARY KEY,
  at_millis BIGINT NOT NULL,
  caller TEXT,
  better TEXT NOT NULL,
  worse TEXT NOT NULL
);
