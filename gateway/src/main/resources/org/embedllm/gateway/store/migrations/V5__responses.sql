-- The same text runs on SQLite and PostgreSQL. Conversations that clients of the Responses API want kept.
CREATE TABLE responses (
  scope TEXT NOT NULL,
  id TEXT NOT NULL,
  at_millis BIGINT NOT NULL,
  items TEXT NOT NULL,
  PRIMARY KEY (scope, id)
);
CREATE INDEX responses_by_time ON responses (at_millis);
