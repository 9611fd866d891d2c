use chrono::DateTime;

use super::*;
use crate::compliance::{AcceptedCompliance, ComplianceSnapshot, NotCompliant};

fn snapshot(certifications: &[Certification], requirements: Vec<Requirement>) -> ComplianceSnapshot {
    let requirements = Requirements::new(requirements).unwrap();
    let days = job("2026-06-01", "2026-06-10");
    let compliance = Compliance::of(certifications, &requirements, days, day(TODAY));
    ComplianceSnapshot::of(&requirements, compliance, DateTime::UNIX_EPOCH)
}

fn optional(code: &str) -> Requirement {
    Requirement::new(vec![code.parse().unwrap()], false, None).unwrap()
}

#[test]
fn a_snapshot_has_the_mandatory_requirements_that_are_not_met() {
    let held = [held(1, "GWO_WAH", "2025-01-01", "2027-01-01"), held(2, "GWO_FA", "2025-01-01", "2026-06-05")];
    let taken =
        snapshot(&held, vec![any_of(&["GWO_WAH"]), optional("GWO_SS"), any_of(&["GWO_FA"]), any_of(&["GWO_MH"])]);
    let missing: Vec<_> =
        taken.missing.iter().map(|unmet| (unmet.requirement.clone(), unmet.status, unmet.covered_until)).collect();
    let expected = [
        (any_of(&["GWO_FA"]), ComplianceStatus::ExpiresDuring, Some(day("2026-06-05"))),
        (any_of(&["GWO_MH"]), ComplianceStatus::Missing, None),
    ];
    assert_eq!((missing.as_slice(), taken.overall), (&expected[..], ComplianceStatus::Missing));
}

#[test]
fn a_compliant_technician_needs_no_acceptance() {
    let held = [held(1, "GWO_WAH", "2025-01-01", "2027-01-01")];
    let taken = snapshot(&held, vec![any_of(&["GWO_WAH"]), optional("GWO_SS")]);
    for accepted in [AcceptedCompliance::Compliant, AcceptedCompliance::Any, AcceptedCompliance::As(&taken)] {
        assert_eq!(taken.require(accepted), Ok(false));
    }
}

#[test]
fn one_who_is_not_compliant_is_accepted_by_the_company_alone() {
    let taken = snapshot(&[], vec![any_of(&["GWO_WAH"])]);
    assert_eq!(taken.require(AcceptedCompliance::Compliant), Err(NotCompliant(taken.clone())));
    assert_eq!(taken.require(AcceptedCompliance::Any), Ok(true));
}

#[test]
fn an_acceptance_is_held_to_what_was_missing_at_the_offer() {
    let both = || vec![any_of(&["GWO_WAH"]), any_of(&["GWO_FA"])];
    let (heights, first_aid) =
        (held(1, "GWO_WAH", "2025-01-01", "2027-01-01"), held(2, "GWO_FA", "2025-01-01", "2026-06-05"));
    let all_missing = snapshot(&[], both());
    let ends_during = snapshot(&[heights.clone(), first_aid], both());
    let one_missing = snapshot(&[heights], both());
    let is_accepted = |now: &ComplianceSnapshot, offer| now.require(AcceptedCompliance::As(offer)).is_ok();
    assert!(is_accepted(&all_missing, &all_missing));
    assert!(is_accepted(&one_missing, &all_missing), "less is missing");
    assert!(is_accepted(&ends_during, &one_missing), "it is better");
    assert!(!is_accepted(&one_missing, &ends_during), "it is worse");
    assert!(!is_accepted(&all_missing, &one_missing), "more is missing");
    let of_another = snapshot(&[], vec![any_of(&["GWO_MH"])]);
    assert!(!is_accepted(&of_another, &all_missing), "the requirement is another one");
    let of_less = snapshot(&[], vec![any_of(&["GWO_MH", "GWO_WAH"])]);
    assert!(!is_accepted(&of_less, &all_missing), "the requirement asks for less, which is worse to miss");
    let (ropes, master) = (any_of(&["IRATA_L1"]), any_of(&["IRATA_L3"]));
    let level_three_missing =
        snapshot(&[held(1, "IRATA_L1", "2025-01-01", "2027-01-01")], vec![ropes.clone(), master.clone()]);
    assert!(!is_accepted(&snapshot(&[], vec![ropes, master]), &level_three_missing), "level one was there");
    let in_order = snapshot(&[], vec![any_of(&["GWO_WAH", "GWO_MH"])]);
    assert!(is_accepted(&of_less, &in_order), "the order of the types does not matter");
    let ends_earlier = snapshot(&[held(1, "GWO_FA", "2025-01-01", "2026-06-04")], vec![any_of(&["GWO_FA"])]);
    assert!(!is_accepted(&ends_earlier, &ends_during), "the cover ends earlier");
    let ends_later = snapshot(&[held(1, "GWO_FA", "2025-01-01", "2026-06-06")], vec![any_of(&["GWO_FA"])]);
    assert!(is_accepted(&ends_later, &ends_during), "the cover ends later");
}

#[test]
fn two_requirements_ask_the_same_if_the_same_certifications_meet_them() {
    let trusted = |least| at_least("GWO_WAH", least);
    assert!(any_of(&["GWO_FA", "GWO_WAH"]).asks_as(&any_of(&["GWO_WAH", "GWO_FA"])));
    assert!(any_of(&["IRATA_L1"]).asks_as(&any_of(&["IRATA_L1", "IRATA_L3"])));
    assert!(!any_of(&["IRATA_L3"]).asks_as(&any_of(&["IRATA_L1"])));
    assert!(!trusted(TrustLevel::Verified).asks_as(&any_of(&["GWO_WAH"])));
    assert!(!trusted(TrustLevel::Verified).asks_as(&trusted(TrustLevel::EvidenceAttached)));
}
