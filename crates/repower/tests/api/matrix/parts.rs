/// The parts of the matrix, one for each test. The path of every route begins with
/// one of these.
pub(super) const PARTS: [&str; 8] = [
    "/api/auth/",
    "/api/users/",
    "/api/technicians",
    "/api/companies/",
    "/api/jobs",
    "/api/applications/",
    "/api/chat/",
    "/api/admin/",
];
