-- Quotas within the one statement that adds a row. Each statement of a volatile function sees what was committed before it
-- began, so that a count after the wait for a lock has what concurrent transactions added; in the statement that calls the
-- function it would not.

-- Locks the open jobs of a company until the end of the transaction, and returns how many there are.
CREATE FUNCTION lock_open_jobs(of_company uuid, OUT is_verified boolean, OUT open_jobs bigint)
    VOLATILE LANGUAGE plpgsql AS $$
BEGIN
    SELECT verified_at IS NOT NULL INTO is_verified FROM companies WHERE id = of_company FOR NO KEY UPDATE;
    SELECT count(*) INTO open_jobs FROM jobs WHERE company_id = of_company AND status = 'OPEN';
END
$$;

-- Locks the certifications of a technician until the end of the transaction, and returns how many there are.
CREATE FUNCTION lock_certifications(of_technician uuid) RETURNS bigint VOLATILE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM technicians WHERE id = of_technician FOR NO KEY UPDATE;
    RETURN (SELECT count(*) FROM certifications WHERE technician_id = of_technician);
END
$$;
