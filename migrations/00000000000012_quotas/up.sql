-- Two more things are counted for all instances together, by the day: the invitations into a company, and the passports
-- that its members read.
ALTER TABLE throttle_windows DROP CONSTRAINT throttle_windows_scope_known;
ALTER TABLE throttle_windows ADD CONSTRAINT throttle_windows_scope_known CHECK (scope IN (
    'LOGIN_ACCOUNT_ADDRESS', 'LOGIN_ACCOUNT', 'LOGIN_ADDRESS', 'REGISTER_ADDRESS', 'INVITATIONS_COMPANY',
    'PASSPORTS_COMPANY'
));
