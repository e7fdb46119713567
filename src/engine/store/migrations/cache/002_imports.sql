-- append: when a message brought in from elsewhere arrived there (seconds); NULL = one of our own.
ALTER TABLE ops ADD COLUMN arrived INTEGER;
