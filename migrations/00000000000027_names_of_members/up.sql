-- The names of members, which colleagues and technicians read beside their messages: with the user, since a removed
-- member's messages stay. Where there is none (users of an earlier release, technicians), the email or the passport has
-- the name.
ALTER TABLE users
    ADD COLUMN full_name text,
    ADD CONSTRAINT users_full_name_length CHECK (char_length(full_name) BETWEEN 1 AND 120);
