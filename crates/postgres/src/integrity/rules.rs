use repower_domain::{
    accounts::{CompanyRole, KnownAddress, Role, Session},
    availability::Availability,
    certification_types::{Expiry, TypeCode},
};

/// A rule, and the query that selects its violations.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) sentence: &'static str,
    pub(super) query: String,
}

fn rule(name: &'static str, sentence: &'static str, query: impl Into<String>) -> Rule {
    Rule { name, sentence, query: query.into() }
}

/// All rules that a query can check.
pub(super) fn all() -> Vec<Rule> {
    [accounts(), sessions(), marketplace(), days_and_types(), trust(), chats(), times(), operation()]
        .into_iter()
        .flatten()
        .collect()
}

/// The roles in companies, as a list of SQL.
fn company_roles() -> String {
    let roles: Vec<_> = CompanyRole::ALL.iter().map(|role| format!("'{}'", Role::from(*role))).collect();
    roles.join(", ")
}

fn accounts() -> Vec<Rule> {
    let company_roles = company_roles();
    vec![
        rule(
            "members_have_company_roles",
            "The user of each company member has a company role.",
            format!(
                "SELECT company_members.id::text FROM company_members JOIN users ON users.id = user_id \
                 WHERE role NOT IN ({company_roles})"
            ),
        ),
        rule(
            "technicians_have_their_role",
            "Each technician's user is a TECHNICIAN, and each TECHNICIAN has one technician.",
            format!(
                "SELECT users.id::text FROM users LEFT JOIN technicians ON user_id = users.id \
                 WHERE (role = '{}') <> (user_id IS NOT NULL)",
                Role::Technician
            ),
        ),
        rule(
            "technicians_are_active_as_their_user",
            "Each technician is active if and only if their user is.",
            "SELECT technicians.id::text FROM technicians JOIN users ON users.id = user_id \
             WHERE technicians.active <> users.active",
        ),
        rule(
            "companies_have_an_admin",
            "Each company has a member who is ADMIN.",
            format!(
                "SELECT companies.id::text FROM companies WHERE NOT EXISTS ( \
                 SELECT FROM company_members JOIN users ON users.id = user_id \
                 WHERE company_id = companies.id AND role = '{}')",
                Role::from(CompanyRole::Admin)
            ),
        ),
        rule(
            "companies_are_listed",
            "A company is listed while one of its members is active.",
            "SELECT companies.id::text FROM companies WHERE listed <> EXISTS ( \
             SELECT FROM company_members JOIN users ON users.id = user_id WHERE company_id = companies.id AND active)",
        ),
        rule(
            "invitations_are_open",
            "No company invites the email of one of its members.",
            "SELECT invitations.id::text FROM invitations JOIN users USING (email) \
             JOIN company_members ON user_id = users.id AND company_members.company_id = invitations.company_id",
        ),
        rule(
            "invitations_are_by_admins",
            "The inviter of each invitation is an active ADMIN of its company.",
            format!(
                "SELECT invitations.id::text FROM invitations WHERE NOT EXISTS ( \
                 SELECT FROM company_members JOIN users ON users.id = user_id WHERE user_id = invited_by \
                 AND company_members.company_id = invitations.company_id AND active AND role = '{}')",
                Role::from(CompanyRole::Admin)
            ),
        ),
    ]
}

fn sessions() -> Vec<Rule> {
    let company_roles = company_roles();
    vec![
        rule(
            "sessions_are_bounded",
            "No user has more sessions than a login leaves.",
            format!("SELECT user_id::text FROM sessions GROUP BY user_id HAVING count(*) > {}", Session::MOST),
        ),
        rule(
            "sessions_are_of_active_users",
            "The user of each session is active, and a member of a company if that is the role.",
            format!(
                "SELECT sessions.id::text FROM sessions JOIN users ON users.id = sessions.user_id \
                 LEFT JOIN company_members ON company_members.user_id = users.id \
                 WHERE NOT active OR (role IN ({company_roles}) AND company_members.user_id IS NULL)"
            ),
        ),
    ]
}

fn marketplace() -> Vec<Rule> {
    let endless = TypeCode::all().filter(|type_code| type_code.details().expiry == Expiry::Never);
    let endless: Vec<_> = endless.map(|type_code| format!("'{type_code}'")).collect();
    vec![
        rule(
            "endless_certifications_never_expire",
            "Each certification without a last day is of a type that never expires.",
            format!(
                "SELECT id::text FROM certifications WHERE valid_until IS NULL \
                 AND (type_code IN ({})) IS NOT TRUE",
                endless.join(", ")
            ),
        ),
        rule(
            "ratings_add_up",
            "Each technician's number of ratings and average are those of the technician's evaluations.",
            "SELECT technicians.id::text FROM technicians LEFT JOIN ( \
             SELECT technician_id, sum(number) AS number, floor(avg(mean) * 100 + 0.5000001) AS average FROM ( \
             SELECT technician_id, count(*) AS number, avg(rating) AS mean FROM evaluations WHERE NOT hidden \
             GROUP BY technician_id, company_id) AS of_companies GROUP BY technician_id \
             ) AS known ON known.technician_id = technicians.id \
             WHERE (rating_count, rating_average) IS DISTINCT FROM (coalesce(known.number, 0), known.average)",
        ),
        rule(
            "evaluations_follow_engagements",
            "Each evaluation is of a technician who confirmed the acceptance for that job of that company.",
            "SELECT evaluations.id::text FROM evaluations WHERE NOT EXISTS ( \
             SELECT FROM applications WHERE applications.job_id = evaluations.job_id \
             AND applications.technician_id = evaluations.technician_id \
             AND applications.company_id = evaluations.company_id AND confirmed_at IS NOT NULL)",
        ),
        rule(
            "applications_follow_publishing",
            "Each job with applications has been published.",
            "SELECT applications.id::text FROM applications JOIN jobs ON jobs.id = job_id WHERE published_at IS NULL",
        ),
        rule(
            "steps_are_by_their_side",
            "An application's technician is the actor of its technician-side events, and of no others.",
            "SELECT application_id || ' ' || position FROM application_events \
             JOIN applications ON applications.id = application_id JOIN technicians ON technicians.id = technician_id \
             WHERE (side = 'TECHNICIAN') <> (actor_user_id = user_id)",
        ),
    ]
}

fn days_and_types() -> Vec<Rule> {
    vec![
        rule(
            "accepted_applications_book_their_days",
            "An accepted application books the days of its job unless another one has booked one of them, and no other \
             application books any.",
            "SELECT id::text FROM applications, LATERAL ( \
             SELECT daterange(start_date, coalesce(end_date, start_date), '[]') FROM jobs WHERE jobs.id = job_id \
             ) AS job (days) WHERE CASE WHEN status <> 'ACCEPTED' THEN booked IS NOT NULL \
             WHEN booked IS NOT NULL THEN booked <> days ELSE NOT EXISTS ( \
             SELECT FROM applications AS other WHERE other.technician_id = applications.technician_id \
             AND other.booked && days) END",
        ),
        rule(
            "periods_share_no_day",
            "No two periods of a technician share a day, and each has at most 100.",
            format!(
                "SELECT technician_id::text FROM availability_periods AS period WHERE EXISTS ( \
                 SELECT FROM availability_periods AS other WHERE other.technician_id = period.technician_id \
                 AND other.first_day > period.first_day AND other.first_day <= period.last_day) \
                 UNION SELECT technician_id::text FROM availability_periods GROUP BY technician_id \
                 HAVING count(*) > {}",
                Availability::MAX
            ),
        ),
        rule(
            "required_types_are_named",
            "The required types of each job are those that its requirements name.",
            "SELECT id::text FROM jobs WHERE required_types <> ARRAY( \
             SELECT DISTINCT (code #>> '{}') COLLATE \"C\" FROM jsonb_path_query(requirements, '$[*].anyOf[*]') AS code \
             ORDER BY 1)",
        ),
    ]
}

fn trust() -> Vec<Rule> {
    vec![
        rule(
            "revoked_certifications_are_covered",
            "Each certification that a revocation has left as it is was revoked by one that stands, is of its provider \
             and was completed in its days.",
            "SELECT certifications.id::text FROM certifications JOIN revocations ON revocations.id = revocation_id \
             WHERE undone_at IS NOT NULL OR valid_from NOT BETWEEN issued_from AND issued_until \
             OR NOT string_to_array(certifications.search_provider, E'\\n') \
             && string_to_array(revocations.search_provider, E'\\n')",
        ),
        rule(
            "revocations_count_their_certifications",
            "No revocation has more certifications than it has counted.",
            "SELECT revocations.id::text FROM revocations JOIN certifications ON revocation_id = revocations.id \
             GROUP BY revocations.id, count HAVING count(*) > revocations.count",
        ),
        rule(
            "types_in_force_are_of_certifications",
            "The types that each technician is known to hold on each day are those of the certifications.",
            "SELECT own.technician_id::text FROM types_in_force_by_certifications AS own \
             LEFT JOIN types_in_force AS known USING (technician_id) \
             WHERE (own.since, own.self_declared, own.evidence_attached, own.verified) IS DISTINCT FROM \
             (coalesce(known.since, '{}'), coalesce(known.self_declared, '{0}'), \
             coalesce(known.evidence_attached, '{0}'), coalesce(known.verified, '{0}'))",
        ),
    ]
}

fn chats() -> Vec<Rule> {
    vec![
        rule(
            "messages_are_numbered",
            "The messages of each thread are numbered from 1 without gaps, and the thread has the last number.",
            "SELECT threads.id::text FROM threads LEFT JOIN ( \
             SELECT thread_id, count(*) AS number, min(seq) AS first, max(seq) AS last FROM messages GROUP BY thread_id \
             ) AS sent ON sent.thread_id = threads.id \
             WHERE last_seq <> coalesce(sent.last, 0) OR coalesce(sent.last, 0) <> coalesce(sent.number, 0) \
             OR sent.first <> 1",
        ),
        rule(
            "unread_counts_add_up",
            "Each side's unread count is the number of the other side's messages after its read position.",
            "SELECT threads.id::text FROM threads LEFT JOIN ( \
             SELECT thread_id, \
             count(*) FILTER (WHERE sender_type = 'TECHNICIAN' AND seq > company_read_seq) AS for_company, \
             count(*) FILTER (WHERE sender_type = 'COMPANY' AND seq > technician_read_seq) AS for_technician \
             FROM messages JOIN threads ON threads.id = thread_id GROUP BY thread_id \
             ) AS sent ON sent.thread_id = threads.id \
             WHERE company_unread <> coalesce(sent.for_company, 0) \
             OR technician_unread <> coalesce(sent.for_technician, 0)",
        ),
        rule(
            "threads_know_their_latest_activity",
            "The latest activity of each thread is its newest message's time, or its own where that is later.",
            "SELECT threads.id::text FROM threads LEFT JOIN ( \
             SELECT thread_id, max(created_at) AS newest FROM messages GROUP BY thread_id \
             ) AS sent ON sent.thread_id = threads.id \
             WHERE last_activity_at <> greatest(threads.created_at, sent.newest)",
        ),
        rule(
            "messages_are_by_their_side",
            "A thread's technician is the sender of its technician-side messages, and of no others.",
            "SELECT messages.id::text FROM messages JOIN threads ON threads.id = thread_id \
             JOIN technicians ON technicians.id = technician_id \
             WHERE (sender_type = 'TECHNICIAN') <> (sender_user_id = user_id)",
        ),
    ]
}

fn times() -> Vec<Rule> {
    vec![
        rule(
            "messages_are_in_order_of_time",
            "No message is earlier than the one before it in its thread.",
            "SELECT id FROM (SELECT id::text, created_at < lag(created_at) OVER (PARTITION BY thread_id ORDER BY seq) \
             AS is_earlier FROM messages) AS sent WHERE is_earlier",
        ),
        rule(
            "histories_are_in_order_of_time",
            "No step of the history of an application is earlier than the one before it.",
            "SELECT id FROM (SELECT application_id || ' ' || position AS id, \
             at < lag(at) OVER (PARTITION BY application_id ORDER BY position) AS is_earlier \
             FROM application_events) AS steps WHERE is_earlier",
        ),
    ]
}

/// The rules of throttle windows, stored responses and the audit log. Expired rows
/// are no violation: no sweep runs while no server runs, and they do no harm.
fn operation() -> Vec<Rule> {
    vec![
        rule(
            "tries_are_forgotten",
            "No throttle window ends more than 25 hours from now.",
            "SELECT scope || ' ' || encode(subject, 'hex') FROM throttle_windows, audited \
             WHERE window_ends_at > now + interval '25 hours'",
        ),
        rule(
            "known_addresses_are_few",
            "No user has more known addresses than are kept.",
            format!(
                "SELECT user_id::text FROM known_addresses GROUP BY user_id HAVING count(*) > {}",
                KnownAddress::MOST
            ),
        ),
        rule(
            "answers_are_forgotten",
            "No stored response was created more than an hour in the future.",
            "SELECT owner || ' ' || key FROM kept_answers, audited WHERE created_at > now + interval '1 hour'",
        ),
        rule(
            "audit_log_knows_its_subjects",
            "The subject of each audit event exists, except invitations, which end, and certifications, which their \
             technicians remove.",
            "SELECT audit_events.id::text FROM audit_events WHERE NOT ( \
             subject_id IS NULL OR subject_type IN ('INVITATION', 'CERTIFICATION') \
             OR EXISTS (SELECT FROM revocations WHERE subject_type = 'REVOCATION' AND revocations.id = subject_id) \
             OR EXISTS (SELECT FROM users WHERE subject_type = 'USER' AND users.id = subject_id) \
             OR EXISTS (SELECT FROM jobs WHERE subject_type = 'JOB' AND jobs.id = subject_id) \
             OR EXISTS (SELECT FROM companies WHERE subject_type = 'COMPANY' AND companies.id = subject_id) \
             OR EXISTS (SELECT FROM evaluations WHERE subject_type = 'EVALUATION' AND evaluations.id = subject_id) \
             OR EXISTS (SELECT FROM applications WHERE subject_type = 'APPLICATION' AND applications.id = subject_id))",
        ),
    ]
}
