DELETE FROM throttle_windows WHERE scope = 'PASSWORD_ACCOUNT';
ALTER TABLE throttle_windows DROP CONSTRAINT throttle_windows_scope_known;
ALTER TABLE throttle_windows ADD CONSTRAINT throttle_windows_scope_known CHECK (scope IN (
    'LOGIN_ACCOUNT_ADDRESS', 'LOGIN_ACCOUNT', 'LOGIN_ADDRESS', 'REGISTER_ADDRESS', 'INVITATIONS_COMPANY',
    'PASSPORTS_COMPANY'
));
DROP TABLE known_addresses;
