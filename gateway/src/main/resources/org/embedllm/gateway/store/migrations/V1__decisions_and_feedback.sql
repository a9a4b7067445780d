-- The same text runs on SQLite and PostgreSQL.
CREATE TABLE decisions (
  id TEXT PRIMARY KEY,
  at_millis BIGINT NOT NULL,
  caller TEXT,
  requested TEXT NOT NULL,
  policy TEXT,
  chosen TEXT NOT NULL,
  probability DOUBLE PRECISION,
  answered_by TEXT,
  answered_probability DOUBLE PRECISION,
  status INTEGER NOT NULL,
  error TEXT,
  streamed INTEGER NOT NULL,
  prompt_tokens BIGINT,
  answer_tokens BIGINT,
  usage_measured INTEGER,
  cost DOUBLE PRECISION,
  total_millis DOUBLE PRECISION,
  upstream_millis DOUBLE PRECISION,
  encode_millis DOUBLE PRECISION,
  failed TEXT,
  reason TEXT,
  prompt TEXT
);
CREATE INDEX decisions_by_time ON decisions (at_millis);
CREATE INDEX decisions_by_caller ON decisions (caller, at_millis);
CREATE TABLE feedback (
  decision TEXT PRIMARY KEY,
  at_millis BIGINT NOT NULL,
  caller TEXT,
  score DOUBLE PRECISION NOT NULL
);
