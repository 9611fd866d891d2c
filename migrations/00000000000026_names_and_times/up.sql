-- The name of a company is searched where it is: a renaming changes one row, whatever the number and the length of the
-- jobs. The program folds the names that are stored in the transaction of this migration.
ALTER TABLE companies ADD COLUMN search_name text COLLATE "C" NOT NULL DEFAULT '';
-- The companies whose name has a word of a search.
CREATE INDEX companies_search_name ON companies USING gin (search_name gin_trgm_ops);

-- One rewrite of the table takes the name out of its texts, and builds its indexes anew.
ALTER TABLE jobs
    DROP COLUMN company_name,
    ALTER COLUMN search_text TYPE text COLLATE "C" USING split_part(search_text, E'\r', 1);
ALTER TABLE companies DROP CONSTRAINT companies_id_name_key;
-- The rewrite forgets how many jobs have a word. An empty table is better taken for one that nobody has looked at.
DO $$ BEGIN
    IF EXISTS (SELECT FROM jobs) THEN
        ANALYZE jobs (search_text);
    END IF;
END $$;

-- Times were read before a lock was waited for, and may fall where numbers rise. From now on they do not.
UPDATE messages
SET created_at = known.latest
FROM (
    SELECT id, max(created_at) OVER (PARTITION BY thread_id ORDER BY seq) AS latest FROM messages
) AS known
WHERE known.id = messages.id AND known.latest > messages.created_at;

UPDATE application_events
SET at = known.latest
FROM (
    SELECT application_id, position, max(at) OVER (PARTITION BY application_id ORDER BY position) AS latest
    FROM application_events
) AS known
WHERE known.application_id = application_events.application_id AND known.position = application_events.position
    AND known.latest > application_events.at;
UPDATE applications
SET updated_at = known.latest
FROM (SELECT application_id, max(at) AS latest FROM application_events GROUP BY application_id) AS known
WHERE known.application_id = applications.id AND known.latest > applications.updated_at;
