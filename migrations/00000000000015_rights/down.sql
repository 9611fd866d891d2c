-- The rights are not given back: no release of the program needs them.
SELECT 1;
