-- Revoked invitations and ended sessions do not come back.
DROP INDEX invitations_by_inviter;
