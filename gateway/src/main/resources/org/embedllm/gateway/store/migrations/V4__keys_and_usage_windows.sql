-- The same text runs on SQLite and PostgreSQL. Keys are stored as hashes; rights are JSON.
CREATE TABLE access_keys (
  name TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  created_millis BIGINT NOT NULL,
  expires_millis BIGINT,
  revoked_millis BIGINT,
  previous_sha256 TEXT,
  previous_until_millis BIGINT,
  rights TEXT NOT NULL
);
-- What keys have used in their windows of time, reservations included.
CREATE TABLE usage_windows (
  caller TEXT NOT NULL,
  quantity TEXT NOT NULL,
  start_millis BIGINT NOT NULL,
  used DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (caller, quantity, start_millis)
);
