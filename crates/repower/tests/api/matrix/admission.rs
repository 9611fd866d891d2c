use repower_domain::accounts::Role;
use repower_http::Access;

/// The status that a route returns to a caller before it looks at the request;
/// `None` where it admits the caller.
pub(super) fn rejection(access: Access, sign: &str) -> Option<u16> {
    match (access, standing(sign)) {
        (Access::Public, _)
        | (Access::Optional, Standing::Anonymous)
        | (Access::Token, Standing::Active(_) | Standing::Inactive)
        | (Access::Optional | Access::Authenticated, Standing::Active(_)) => None,
        (Access::Token | Access::Authenticated | Access::Permitted(_), Standing::Anonymous)
        | (_, Standing::Inactive) => Some(401),
        (Access::Permitted(permission), Standing::Active(role)) => (!role.permits(permission)).then_some(403),
    }
}

/// A caller as the rules see them.
enum Standing {
    /// Without a token.
    Anonymous,
    /// With a token that is not valid any more.
    Inactive,
    /// An active user with this role.
    Active(Role),
}

fn standing(sign: &str) -> Standing {
    match sign {
        "-" => Standing::Anonymous,
        "T" | "T2" => Standing::Active(Role::Technician),
        "A" | "A2" => Standing::Active(Role::CompanyAdmin),
        "M" => Standing::Active(Role::CompanyManager),
        "R" => Standing::Active(Role::CompanyRecruiter),
        "V" => Standing::Active(Role::CompanyViewer),
        "S" => Standing::Active(Role::SuperAdmin),
        _ => Standing::Inactive,
    }
}
