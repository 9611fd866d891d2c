-- Texts are kept in NFC, and searched by a fold that the program makes of them: not by lower(), which depends on the
-- locale of the database. The program folds what is stored in the transaction of this migration.

-- What is stored already. A required text that shows nothing is a question mark from now on.
DO $$
DECLARE
    kept record;
BEGIN
    FOR kept IN SELECT * FROM (VALUES
        ('companies', 'name', true), ('companies', 'description', false), ('technicians', 'full_name', true),
        ('technicians', 'bio', false), ('skills', 'name', true), ('certifications', 'name', true),
        ('certifications', 'provider', true), ('jobs', 'title', true), ('jobs', 'description', true),
        ('jobs', 'location', true), ('jobs', 'project_name', false), ('evaluations', 'comment', false),
        ('evaluations', 'answer', false), ('applications', 'message_to_company', false),
        ('applications', 'message_to_technician', false), ('messages', 'text', true)
    ) AS texts (of_table, named, is_required) LOOP
        EXECUTE format(
            'UPDATE %1$I SET %2$I = normalize(%2$I) '
            'WHERE %2$I IS NOT NFC NORMALIZED AND char_length(normalize(%2$I)) <= char_length(%2$I)',
            kept.of_table, kept.named
        );
        EXECUTE format(
            'UPDATE %1$I SET %2$I = %3$L WHERE %2$I ~ %4$L', kept.of_table, kept.named,
            CASE WHEN kept.is_required THEN '?' END,
            '^[\s\u0085\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f'
            '\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]+$'
        );
    END LOOP;
END
$$;

DROP STATISTICS jobs_location_lower;
DROP INDEX jobs_open_location;
DROP INDEX certifications_name;

-- Texts that are folded by the program; empty until then.
ALTER TABLE jobs
    DROP COLUMN search_text,
    ADD COLUMN search_text text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN search_location text COLLATE "C" NOT NULL DEFAULT '',
    ALTER COLUMN search_text SET STATISTICS 300;
ALTER TABLE technicians
    DROP COLUMN search_text,
    DROP COLUMN skills_text,
    ADD COLUMN search_text text COLLATE "C" NOT NULL DEFAULT '',
    ALTER COLUMN search_text SET STATISTICS 300;
ALTER TABLE certifications ADD COLUMN search_name text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN search_email text COLLATE "C" NOT NULL DEFAULT '';

-- The public list by words.
CREATE INDEX jobs_open_search_text ON jobs USING gin (search_text gin_trgm_ops) WHERE status = 'OPEN';
-- The public list by location.
CREATE INDEX jobs_open_location ON jobs USING gin (search_location gin_trgm_ops) WHERE status = 'OPEN';
-- The search by words.
CREATE INDEX technicians_search_text ON technicians USING gin (search_text gin_trgm_ops);
-- The search by certification.
CREATE INDEX certifications_name ON certifications USING gin (search_name gin_trgm_ops);
