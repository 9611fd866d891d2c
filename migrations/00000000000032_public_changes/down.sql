DROP TRIGGER notify_company_change ON companies;
DROP TRIGGER notify_truncated ON jobs;
DROP TRIGGER notify_published_before ON jobs;
DROP TRIGGER notify_published ON jobs;
DROP FUNCTION notify_public_change();
