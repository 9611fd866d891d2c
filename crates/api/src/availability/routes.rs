use actix_web::web::Data;
use repower_application::availability::AvailabilityService;
use repower_domain::accounts::{Actor, Permission::OwnPassport};
use repower_http::{Body, Caller, Route, Success};

use super::dto::{AvailabilityView, ReplaceAvailabilityBody};
use crate::error::RouteResult;

/// The routes of availability.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/technicians/me/availability", OwnPassport, own)
            .named("getOwnAvailability", "The own periods")
            .about(
                "In the order of their days. `availabilityFrom` of the profile speaks of the days without a period.",
            ),
        Route::put("/api/technicians/me/availability", OwnPassport, replace)
            .named("replaceAvailability", "Replace the own periods")
            .about("At most 100, of which no two share a day: the later one is rejected as `duplicate`.")
            .example(
                "periods",
                r#"{"periods": [{"from": "2027-03-01", "to": "2027-03-31", "kind": "BUSY"},
                    {"from": "2027-04-01", "to": "2027-06-30", "kind": "FREE"}]}"#,
            ),
    ]
}

async fn own(caller: Caller, availability: Data<AvailabilityService>) -> RouteResult<Success<AvailabilityView>> {
    caller.run(move |actor| Ok(Success::new("Your availability", availability.own(actor)?))).await
}

async fn replace(
    caller: Caller,
    body: Body<ReplaceAvailabilityBody>,
    availability: Data<AvailabilityService>,
) -> RouteResult<Success<AvailabilityView>> {
    let work = move |actor: &Actor| {
        let periods = body.parse()?.try_into()?;
        Ok(Success::new("Availability replaced", availability.replace_own(actor, periods)?))
    };
    caller.run(work).await
}
