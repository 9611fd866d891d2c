-- The types of certifications that each technician holds, by day, for the ranking of candidates: certifications are ten times as many.

-- The bit of a type in the sets of types: 63 have one. Where the catalogue grows, a migration appends its codes.
-- A session compiles it once; one of SQL would be planned for each requirement.
CREATE FUNCTION type_bit(code text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN 1::bigint << (array_position(ARRAY[
        'GWO_WAH', 'GWO_FA', 'GWO_MH', 'GWO_FAW', 'GWO_SS', 'GWO_EFA', 'GWO_ART_H', 'GWO_ART_N', 'GWO_ART_HN', 'GWO_ART_SR',
        'GWO_COHE_B', 'GWO_WLA_ON', 'GWO_WLA_OFF', 'GWO_BTT_M', 'GWO_BTT_E', 'GWO_BTT_H', 'GWO_BTT_I', 'GWO_BTT_BT', 'GWO_BR',
        'GWO_CH', 'GWO_SLS', 'GWO_SLU', 'IRATA_L1', 'IRATA_L2', 'IRATA_L3', 'MEDICAL_OFFSHORE', 'BOSIET', 'HUET', 'STCW_PST',
        'ELECTRICAL_AUTHORISED'
    ], code) - 1);
END
$$;

-- since has the days on which a set changes; the others have the sets of the days before the first of these, and from each on: of all
-- types in force, and of those whose trust is at least EVIDENCE_ATTACHED or VERIFIED. Its foreign key comes last: it would lock the
-- technicians while the rows are computed.
CREATE TABLE types_in_force (
    technician_id uuid CONSTRAINT types_in_force_pkey PRIMARY KEY,
    since date[] NOT NULL DEFAULT '{}',
    self_declared bigint[] NOT NULL DEFAULT '{0}',
    evidence_attached bigint[] NOT NULL DEFAULT '{0}',
    verified bigint[] NOT NULL DEFAULT '{0}'
) WITH (fillfactor = 85);

-- The rows of that table by the certifications.
CREATE VIEW types_in_force_by_certifications AS
    SELECT technicians.id AS technician_id, since, self_declared, evidence_attached, verified
    FROM technicians CROSS JOIN LATERAL (
        WITH held AS (
            SELECT type_bit(type_code) AS bit, threshold, unnest(range_agg(daterange(valid_from, covered_until, '[]'))) AS days
            FROM certifications JOIN generate_series(1, 3) AS threshold ON trust_level >= threshold
            WHERE technician_id = technicians.id AND type_code IS NOT NULL AND valid_from <= covered_until
            GROUP BY type_code, threshold
        ), changes AS (
            SELECT lower(days) AS day FROM held UNION SELECT upper(days) FROM held WHERE upper(days) < 'infinity'
        ), sets AS (
            SELECT day, coalesce(bit_or(bit) FILTER (WHERE threshold = 1), 0) AS self_declared,
                coalesce(bit_or(bit) FILTER (WHERE threshold = 2), 0) AS evidence_attached,
                coalesce(bit_or(bit) FILTER (WHERE threshold = 3), 0) AS verified
            FROM changes LEFT JOIN held ON days @> day GROUP BY day ORDER BY day
        )
        SELECT coalesce(array_agg(day), '{}') AS since, 0::bigint || array_agg(self_declared) AS self_declared,
            0::bigint || array_agg(evidence_attached) AS evidence_attached, 0::bigint || array_agg(verified) AS verified
        FROM sets
    ) AS own;

-- Renews the rows of the technicians whose typed certifications a statement has changed. Another change of one waits for the row, and
-- then reads what this one has written.
CREATE FUNCTION renew_types_in_force() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        changed := ARRAY(SELECT DISTINCT technician_id FROM new_rows WHERE type_code IS NOT NULL);
    ELSIF TG_OP = 'DELETE' THEN
        changed := ARRAY(SELECT DISTINCT technician_id FROM old_rows WHERE type_code IS NOT NULL);
    ELSE
        -- Grouped and not joined: the plan stays as it is for the first statement of a session, which may change one row.
        changed := ARRAY(SELECT DISTINCT technician_id FROM (
            SELECT technician_id FROM (
                SELECT id, technician_id, type_code, valid_from, covered_until, trust_level FROM old_rows
                UNION ALL SELECT id, technician_id, type_code, valid_from, covered_until, trust_level FROM new_rows
            ) AS states WHERE type_code IS NOT NULL
            GROUP BY id, technician_id, type_code, valid_from, covered_until, trust_level HAVING count(*) = 1
        ) AS different);
    END IF;
    IF changed <> '{}' THEN
        INSERT INTO types_in_force (technician_id) SELECT id FROM technicians WHERE id = ANY (changed) ORDER BY id ON CONFLICT DO NOTHING;
        PERFORM FROM types_in_force WHERE technician_id = ANY (changed) ORDER BY technician_id FOR NO KEY UPDATE;
        UPDATE types_in_force AS known
        SET since = own.since, self_declared = own.self_declared, evidence_attached = own.evidence_attached, verified = own.verified
        FROM types_in_force_by_certifications AS own
        WHERE own.technician_id = known.technician_id AND own.technician_id = ANY (changed);
    END IF;
    RETURN NULL;
END
$$;

-- A certification that changes meanwhile would be missed.
LOCK TABLE certifications IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO types_in_force SELECT * FROM types_in_force_by_certifications;
ALTER TABLE types_in_force ADD CONSTRAINT types_in_force_technician_fkey
    FOREIGN KEY (technician_id) REFERENCES technicians (id) ON DELETE CASCADE;

CREATE TRIGGER renew_types_in_force AFTER INSERT ON certifications REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION renew_types_in_force();
CREATE TRIGGER renew_types_in_force_of_changed AFTER UPDATE ON certifications REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION renew_types_in_force();
CREATE TRIGGER renew_types_in_force_of_deleted AFTER DELETE ON certifications REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION renew_types_in_force();
