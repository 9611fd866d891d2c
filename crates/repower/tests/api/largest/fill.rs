//! Statements that fill a marketplace with texts and counts at their bounds.

use std::cmp::Reverse;

use repower_domain::certification_types::TypeCode;

use crate::support::Person;

/// The rows of each list without a quota: more than a page.
pub(super) const ROWS: usize = 120;

/// The messages of a thread: more than a page.
pub(super) const MESSAGES: usize = 250;

/// A text of so many characters, which have six bytes each in JSON.
fn escaped(characters: usize) -> String {
    format!("repeat(E'\\x01', {characters})")
}

/// A name of so many characters, which have four bytes each and are not escaped: names
/// have no control characters.
fn wide(characters: usize) -> String {
    format!("repeat('🔧', {characters})")
}

/// An email of 254 characters.
fn email(kind: char) -> String {
    format!("lpad('{kind}' || n, 63, 'x') || '@' || repeat(repeat('d', 60) || '.', 3) || 'example'")
}

/// A URL of 2,048 characters.
const URL: &str = "rpad('https://documents.example/', 2048, 'u')";

/// Companies, and the own one with a profile of the same length.
pub(super) fn companies(company: &Person) -> Vec<String> {
    let (name, text, id) = (wide(120), escaped(10_000), &company.id);
    vec![
        format!("UPDATE companies SET name = {name}, website = {URL}, description = {text} WHERE id = '{id}'"),
        format!(
            "INSERT INTO companies (id, name, country, website, description, created_at, updated_at) \
             SELECT gen_random_uuid(), {name}, 'DK', {URL}, {text}, now() - n * interval '1 s', now() \
             FROM generate_series(1, {ROWS}) AS numbers (n)"
        ),
    ]
}

/// Technicians, members of the own company, and as many invitations as it may have.
pub(super) fn people(company: &Person) -> Vec<String> {
    let users = |kind: char, role: &str| {
        format!(
            "INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at) \
             SELECT gen_random_uuid(), {}, 'hash', '{role}', now(), now() - n * interval '1 s', now() \
             FROM generate_series(1, {ROWS}) AS numbers (n)",
            email(kind)
        )
    };
    vec![
        users('t', "TECHNICIAN"),
        users('v', "COMPANY_VIEWER"),
        format!(
            "INSERT INTO technicians (id, user_id, full_name, country, primary_discipline, years_experience, bio, \
                 mobility, currency, created_at, updated_at) \
             SELECT gen_random_uuid(), id, {}, 'DK', 'OTHER', 70, {}, 'REGIONAL', 'EUR', created_at, updated_at \
             FROM users WHERE email LIKE 'x%' AND role = 'TECHNICIAN'",
            wide(120),
            escaped(4_000)
        ),
        format!(
            "INSERT INTO company_members (id, user_id, company_id, created_at) \
             SELECT gen_random_uuid(), id, '{}', created_at FROM users WHERE role = 'COMPANY_VIEWER'",
            company.id
        ),
        format!(
            "INSERT INTO invitations (id, company_id, email, role, secret_digest, invited_by, expires_at, created_at) \
             SELECT gen_random_uuid(), '{}', {}, 'RECRUITER', sha256(n::text::bytea), '{}', \
                 now() + interval '7 days', now() - n * interval '1 s' \
             FROM generate_series(1, 100) AS numbers (n)",
            company.id,
            email('i'),
            company.user_id
        ),
    ]
}

/// As many sessions of the own user as there may be.
pub(super) fn sessions(company: &Person) -> Vec<String> {
    vec![format!(
        "INSERT INTO sessions (id, user_id, user_agent, address, created_at, last_used_at, expires_at) \
         SELECT gen_random_uuid(), '{}', {}, 'ffff:ffff:ffff::/48', now(), now(), now() + interval '7 days' \
         FROM generate_series(2, 50) AS numbers (n)",
        company.user_id,
        wide(200)
    )]
}

/// The profile, skills and certifications of a technician.
pub(super) fn passport(technician: &Person) -> Vec<String> {
    let (id, name) = (&technician.id, wide(117));
    vec![
        format!("UPDATE technicians SET full_name = {}, bio = {} WHERE id = '{id}'", wide(120), escaped(4_000)),
        format!(
            "INSERT INTO skills (technician_id, folded_name, name, level) \
             SELECT '{id}', name, name, 'INTERMEDIATE' \
             FROM generate_series(1, 50) AS numbers (n), LATERAL (SELECT {} || lpad(n::text, 3, '0')) AS names (name)",
            wide(57)
        ),
        certifications(id, 100, &format!("{name} || lpad(n::text, 3, '0')")),
        format!(
            "INSERT INTO availability_periods SELECT '{id}', DATE '2030-01-01' + n, DATE '2030-01-01' + n, 'BUSY' \
             FROM generate_series(1, 100) AS numbers (n)"
        ),
    ]
}

pub(super) fn certifications(technician: &str, count: usize, name: &str) -> String {
    format!(
        "INSERT INTO certifications (id, technician_id, name, provider, valid_from, valid_until, document_url) \
         SELECT gen_random_uuid(), '{technician}', {name}, {}, DATE '2020-01-01', DATE '2030-01-01' + n, {URL} \
         FROM generate_series(1, {count}) AS numbers (n)",
        wide(120)
    )
}

/// The certifications of a technician whose timeline for a job of [`jobs`] is the largest: 25 that meet each of its
/// requirements on one day of three, and 12 of each of 30 other names. Characters of their texts grow when they are
/// escaped in XML, and all of them are void before their end. They are short in JSON, and last in the list of all.
pub(super) fn timeline(technician: &Person) -> Vec<String> {
    let columns =
        "id, technician_id, name, provider, type_code, course, valid_from, valid_until, voided_on, document_url";
    let insert = |numbers: &str, rest: &str| {
        format!(
            "INSERT INTO certifications ({columns}) \
             SELECT ('ffffffff-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '{}', \
                 repeat('&', 118) || lpad((n % 30)::text, 2, '0'), repeat('<', 120), {rest} \
             FROM generate_series({numbers}) AS numbers (n)",
            technician.id
        )
    };
    let document = "'https://documents.example/'";
    vec![
        insert(
            "1, 25",
            &format!("'GWO_BTT_BT', 'INITIAL', DATE '2027-03-01' + 3 * n, NULL, DATE '2027-03-02' + 3 * n, {document}"),
        ),
        insert("101, 460", "NULL, NULL, DATE '2027-06-01', DATE '2027-10-31', DATE '2027-08-15', NULL"),
    ]
}

/// Open jobs. The technician has applied for all of them and is evaluated for half;
/// all technicians have applied for the oldest.
pub(super) fn jobs(company: &Person, technician: &Person) -> Vec<String> {
    let (name, message, id) = (wide(120), escaped(2_000), &company.id);
    let mut types: Vec<_> = TypeCode::all().map(TypeCode::as_str).collect();
    types.sort_by_key(|code| Reverse(code.len()));
    let codes = types[..10].join(",");
    let any_of = format!(r#"["{}"]"#, types[..10].join(r#"", ""#));
    let requirement = format!(r#"{{"anyOf": {any_of}, "mandatory": true, "minTrust": "EVIDENCE_ATTACHED"}}"#);
    let unmet =
        requirement.replace(r#""mandatory": true"#, r#""status": "EXPIRES_DURING", "coveredUntil": "2027-03-05""#);
    let snapshot = format!(r#"{{"overall": "EXPIRES_DURING", "missing": [{}]}}"#, vec![unmet; 30].join(", "));
    vec![
        format!(
            "INSERT INTO jobs (id, company_id, title, description, location, country, project_name, \
                 discipline, contract_type, day_rate_from, day_rate_to, currency, start_date, end_date, status, \
                 published_at, created_at, updated_at) \
             SELECT gen_random_uuid(), '{id}', {name}, {}, {name}, 'DK', {name}, 'BLADE_REPAIR', 'FIXED_PRICE', \
                 10000000, 10000000, 'EUR', '2027-03-01', '2027-05-31', 'OPEN', at, at, at \
             FROM generate_series(1, {ROWS}) AS numbers (n), LATERAL (SELECT now() - n * interval '1 s') AS times (at)",
            escaped(10_000)
        ),
        format!(
            "UPDATE jobs SET required_types = '{{{codes}}}', requirements = '[{}]'",
            vec![requirement; 30].join(", ")
        ),
        format!(
            "INSERT INTO applications (id, job_id, company_id, technician_id, status, compliance, message_to_company, \
                 message_to_technician, created_at, updated_at) \
             SELECT gen_random_uuid(), jobs.id, company_id, technicians.id, 'APPLIED', '{snapshot}', {message}, \
                 {message}, jobs.created_at, now() \
             FROM jobs, technicians \
             WHERE technicians.id = '{}' OR jobs.created_at = (SELECT min(created_at) FROM jobs)",
            technician.id
        ),
        "INSERT INTO application_events (application_id, position, to_status, side, actor_user_id, at) \
         SELECT applications.id, 1, 'APPLIED', 'TECHNICIAN', user_id, applications.created_at \
         FROM applications JOIN technicians ON technicians.id = technician_id"
            .to_owned(),
        format!(
            "INSERT INTO evaluations (id, technician_id, company_id, job_id, rating, comment, answer, created_at) \
             SELECT gen_random_uuid(), '{}', company_id, id, 5, {message}, {message}, created_at \
             FROM jobs ORDER BY created_at LIMIT {}",
            technician.id,
            ROWS / 2
        ),
        format!(
            "UPDATE technicians SET rating_count = {}, rating_average = 500 WHERE id = '{}'",
            ROWS / 2,
            technician.id
        ),
    ]
}

/// A thread of the company with each technician, and a long one with the technician.
pub(super) fn chats(company: &Person, technician: &Person) -> Vec<String> {
    vec![
        format!(
            "INSERT INTO threads (id, company_id, technician_id, job_id, last_seq, last_activity_at, created_at) \
             SELECT gen_random_uuid(), '{}', technicians.id, (SELECT id FROM jobs LIMIT 1), \
                 CASE WHEN technicians.id = '{}' THEN {MESSAGES} ELSE 1 END, created_at, created_at FROM technicians",
            company.id, technician.id
        ),
        format!(
            "INSERT INTO messages (id, thread_id, seq, sender_type, sender_user_id, text, client_message_id, created_at) \
             SELECT gen_random_uuid(), id, seq, 'COMPANY', '{}', {}, {} || lpad(seq::text, 3, '0'), created_at \
             FROM threads, generate_series(1, last_seq) AS numbers (seq)",
            company.user_id,
            escaped(4_000),
            escaped(61)
        ),
    ]
}

/// The audit log.
pub(super) fn administration(root: &Person, company: &Person) -> Vec<String> {
    let acts = format!(
        "INSERT INTO audit_events (id, actor_id, action, subject_type, subject_id, before, after, request_id, \
             created_at) \
         SELECT gen_random_uuid(), '{id}', 'USER_DEACTIVATED', 'USER', '{id}', '{{\"active\": true}}', \
             '{{\"active\": false}}', repeat('r', 128), now() - n * interval '1 s' \
         FROM generate_series(1, {ROWS}) AS numbers (n)",
        id = root.user_id
    );
    let edits = format!(
        "INSERT INTO audit_events (id, company_id, actor_id, action, subject_type, subject_id, before, after, \
             request_id, created_at) \
         SELECT gen_random_uuid(), '{id}', '{}', 'COMPANY_EDITED', 'COMPANY', '{id}', text, text, 'r', \
             now() - n * interval '1 s' \
         FROM generate_series(1, {ROWS}) AS numbers (n), \
             jsonb_build_object('description', repeat('𝔸', 300)) AS description (text)",
        company.user_id,
        id = company.id
    );
    // The first technician is the own one, in whose passport all of the quota are to be shown.
    let judged = format!(
        "INSERT INTO certifications (id, technician_id, name, provider, valid_from, valid_until, document_url, decision, \
             decision_note, appeal) \
         SELECT gen_random_uuid(), id, {name}, {name}, '2020-01-01', '2030-01-01', {URL}, 'REJECTED', {}, {} \
         FROM technicians WHERE bio IS NOT NULL AND NOT EXISTS ( \
             SELECT FROM certifications WHERE technician_id = technicians.id)",
        escaped(1_000),
        escaped(2_000),
        name = wide(120)
    );
    let revocations = format!(
        "INSERT INTO revocations (id, provider, search_provider, issued_from, issued_until, reason, count, created_at) \
         SELECT gen_random_uuid(), {}, '', '2025-01-01', '2025-06-30', {}, 0, now() - n * interval '1 s' \
         FROM generate_series(1, {ROWS}) AS numbers (n)",
        wide(120),
        escaped(1_000)
    );
    vec![acts, edits, judged, revocations]
}
