DROP TABLE invitations;
ALTER TABLE companies DROP COLUMN team_revision;
