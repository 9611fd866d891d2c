-- Rights end with those of who made them: an invitation with its inviter's right to invite, a session with the
-- deactivation of its user.

-- The invitations by a user, which are revoked when the user may no longer invite.
CREATE INDEX invitations_by_inviter ON invitations (invited_by);

-- Those that have outlived the right already. Each row knows its inviter, so that only these go.
DELETE FROM invitations WHERE NOT EXISTS (
    SELECT FROM company_members JOIN users ON users.id = user_id
    WHERE user_id = invited_by AND company_members.company_id = invitations.company_id
        AND active AND role = 'COMPANY_ADMIN'
);

-- The sessions from before a deactivation, which a reactivation would bring back.
UPDATE users SET tokens_valid_from = date_trunc('second', now()) + interval '1 second' WHERE NOT active;
