-- The requirements of a job, in their order: [{"anyOf": ["GWO_WAH"], "mandatory": true, "minTrust": "VERIFIED"}, …]. They are one
-- column of the job, so that each reading is of one state. The types that they name stand beside them, for an index.
ALTER TABLE jobs
    ADD COLUMN requirements jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN required_types text[] COLLATE "C" NOT NULL DEFAULT '{}',
    ADD CONSTRAINT jobs_requirements_list
        CHECK (CASE jsonb_typeof(requirements) WHEN 'array' THEN jsonb_array_length(requirements) <= 30 ELSE false END),
    ADD CONSTRAINT jobs_required_types_of_requirements
        CHECK ((requirements = '[]') = (required_types = '{}'));

CREATE INDEX jobs_required_types_index ON jobs USING gin (required_types) WITH (fastupdate = off) WHERE status = 'OPEN';
