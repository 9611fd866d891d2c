-- The client addresses that a user signed in from: failed logins from elsewhere do not lock the user out there.
CREATE TABLE known_addresses (
    user_id uuid NOT NULL,
    -- The SHA-256 of the user and the address.
    address bytea NOT NULL,
    used_at timestamptz NOT NULL,
    CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, address),
    CONSTRAINT known_addresses_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT known_addresses_address_length CHECK (octet_length(address) = 32)
);

-- The addresses that are known no longer, which are swept.
CREATE INDEX known_addresses_by_age ON known_addresses (used_at);

-- Wrong current passwords are counted for themselves too, so that failed logins from elsewhere do not keep a user from
-- changing the password.
ALTER TABLE throttle_windows DROP CONSTRAINT throttle_windows_scope_known;
ALTER TABLE throttle_windows ADD CONSTRAINT throttle_windows_scope_known CHECK (scope IN (
    'LOGIN_ACCOUNT_ADDRESS', 'LOGIN_ACCOUNT', 'LOGIN_ADDRESS', 'PASSWORD_ACCOUNT', 'REGISTER_ADDRESS',
    'INVITATIONS_COMPANY', 'PASSPORTS_COMPANY'
));
