//! The plans of the ranking of candidates, on loaded data.

use repower_domain::{
    availability::AvailabilityStatus,
    compliance::{ComplianceStatus, Requirements},
    values::DateRange,
};
use repower_ports::{
    compliance::{CandidateFilter, ComplianceRepository, JobDemand},
    technicians::TechnicianFilter,
};

use crate::{
    loaded_plans::{assert_uses_indexes, plans},
    random::requirement,
    support::{World, first_page, new_id, value},
};

/// The types that certifications of the load have most often.
const TYPES: [&str; 8] = ["GWO_WAH", "GWO_FA", "GWO_MH", "GWO_FAW", "GWO_SS", "GWO_BR", "IRATA_L1", "GWO_EFA"];

/// Certifications are read without their rows.
const COVERING: &str = "Index Only Scan using certifications_covering on certifications";

fn demand() -> JobDemand {
    let requirements = TYPES.iter().map(|code| requirement(&[code], true, None)).collect();
    JobDemand {
        job: new_id(),
        requirements: Requirements::new(requirements).unwrap(),
        days: DateRange::new(value("2026-12-01"), Some(value("2026-12-20"))).unwrap(),
    }
}

#[test]
fn the_ranking_of_candidates_reads_the_certifications_of_their_days_without_their_rows() {
    let world = World::loaded();
    // So few rows are quicker to read than their indexes.
    world.execute("SET LOCAL enable_seqscan = off; SET LOCAL random_page_cost = 1.1");
    let (demand, today) = (demand(), value("2026-11-22"));
    let ranking = |filter: CandidateFilter| {
        plans(&world, || world.compliance.candidates(&demand, &filter, today, first_page(20)).unwrap())
    };
    let details = ["technicians_pkey", "certifications_of_technician", "availability_periods_pkey"];
    let any = CandidateFilter::default;
    let availability = Some(AvailabilityStatus::Free);
    for filter in [any(), CandidateFilter { availability, ..any() }] {
        let plan = ranking(filter);
        // All rows of this table are read.
        assert!(plan.contains("Seq Scan on types_in_force"), "{plan}");
        assert_uses_indexes(&plan.replace("Seq Scan on types_in_force", ""), &details);
    }
    for status in [ComplianceStatus::Missing, ComplianceStatus::ExpiresDuring] {
        let plan = ranking(CandidateFilter { overall: Some(status), ..any() });
        assert!(plan.contains(COVERING), "{plan}");
        assert_uses_indexes(&plan, &["certifications_covering", "certifications_beginning"]);
        assert_uses_indexes(&plan, &["availability_periods_days", "applications_booked", "applications_unbooked"]);
    }
    let few = TechnicianFilter { country: Some(value("DK")), ..TechnicianFilter::default() };
    let plan = ranking(CandidateFilter { technicians: few, ..any() });
    assert_uses_indexes(&plan, &details);
    assert_uses_indexes(&plan, &["technicians_by_country"]);
}
