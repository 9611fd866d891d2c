use repower_ports::jobs::JobFilter;

use crate::matching::Criteria;

/// How many criteria are set.
pub(super) fn criteria(filter: &JobFilter) -> Criteria {
    // A new filter does not compile here before its kind is named.
    let JobFilter {
        sort,
        discipline,
        country,
        contract_type,
        company_id,
        currency,
        start_date_from,
        start_date_to,
        day_rate_min,
        day_rate_max,
        location,
        words,
        certification,
        held,
    } = filter;
    let equal =
        [discipline.is_some(), country.is_some(), contract_type.is_some(), company_id.is_some(), currency.is_some()];
    let varying = [
        // How many jobs an order skips until it has found those that match.
        sort.is_some(),
        start_date_from.is_some(),
        start_date_to.is_some(),
        day_rate_min.is_some(),
        day_rate_max.is_some(),
        location.is_some(),
        certification.is_some(),
        held.is_some(),
    ];
    Criteria::new(&equal, &varying, words.len())
}
