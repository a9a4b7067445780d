-- The same text runs on SQLite and PostgreSQL. Candidates with the probabilities of the choice.
ALTER TABLE decisions ADD COLUMN assignment TEXT;
