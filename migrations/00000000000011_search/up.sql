-- Bounds that few open jobs meet are looked up, so that no list is walked to its end for them. The statistics of the
-- expressions, which come with their indexes, tell how many meet one.

-- The public list by first day, where few begin so late.
CREATE INDEX jobs_open_start_date ON jobs (start_date) WHERE status = 'OPEN';
-- The public list by the least rate, where few reach up to it.
CREATE INDEX jobs_open_day_rate_most ON jobs (coalesce(day_rate_to, day_rate_from)) WHERE status = 'OPEN';
-- The public list by the highest rate, where few reach down to it.
CREATE INDEX jobs_open_day_rate_least ON jobs (coalesce(day_rate_from, day_rate_to)) WHERE status = 'OPEN';
