use super::*;
use crate::{certification_types::TypeCode, compliance::InvalidRequirement, technicians::Trust};

#[test]
fn a_requirement_names_one_to_ten_types_each_once() {
    let codes = |count: usize| TypeCode::all().take(count).collect::<Vec<_>>();
    assert_eq!(Requirement::new(codes(0), true, None), Err(InvalidRequirement::Empty));
    assert!(Requirement::new(codes(10), true, None).is_ok());
    assert_eq!(Requirement::new(codes(11), true, None), Err(InvalidRequirement::TooMany(10)));
    let twice = ["GWO_FA", "GWO_WAH", "WAHR"].map(|code| code.parse().unwrap());
    assert_eq!(Requirement::new(twice.to_vec(), true, None), Err(InvalidRequirement::Duplicate(2)));
}

#[test]
fn a_job_has_thirty_requirements_at_most() {
    let requirements = |count| Requirements::new(vec![any_of(&["GWO_FA"]); count]);
    assert_eq!(requirements(30).map(|all| all.as_slice().len()), Ok(30));
    assert_eq!(requirements(31), Err(InvalidRequirement::TooMany(30)));
}

#[test]
fn requirements_name_each_type_once() {
    let requirements = Requirements::new(vec![any_of(&["GWO_WAH", "GWO_FA"]), any_of(&["GWO_FA"])]).unwrap();
    assert_eq!(requirements.named_types().into_iter().map(TypeCode::as_str).collect::<Vec<_>>(), ["GWO_FA", "GWO_WAH"]);
}

#[test]
fn a_requirement_is_met_by_its_types_and_by_those_that_satisfy_them() {
    let accepted = |codes: &[&str]| any_of(codes).accepted_types().map(TypeCode::as_str).collect::<Vec<_>>();
    assert_eq!(accepted(&["IRATA_L1"]), ["IRATA_L1", "IRATA_L2", "IRATA_L3"]);
    assert_eq!(accepted(&["IRATA_L2", "GWO_FA"]), ["GWO_FA", "IRATA_L2", "IRATA_L3"]);
    assert_eq!(accepted(&["IRATA_L3"]), ["IRATA_L3"]);
    assert_eq!(accepted(&["GWO_ART_H"]), ["GWO_ART_H", "GWO_ART_HN"]);
}

#[test]
fn a_requirement_is_met_by_a_certification_of_enough_trust_that_is_not_rejected() {
    use Trust::{EvidenceAttached, Rejected, Revoked, SelfDeclared, Verified};
    let held = |trust| Certification { trust, ..held(1, "IRATA_L3", "2025-01-01", "2027-12-31") };
    let is_met = |least: Option<TrustLevel>| {
        let requirement = Requirement::new(vec!["IRATA_L1".parse().unwrap()], true, least).unwrap();
        [SelfDeclared, EvidenceAttached, Verified, Rejected, Revoked].map(|trust| requirement.is_met_by(&held(trust)))
    };
    assert_eq!(is_met(None), [true, true, true, false, false]);
    assert_eq!(is_met(Some(TrustLevel::EvidenceAttached)), [false, true, true, false, false]);
    assert_eq!(is_met(Some(TrustLevel::Verified)), [false, false, true, false, false]);
    assert!(!any_of(&["GWO_WAH"]).is_met_by(&held(Verified)));
}

#[test]
fn the_overall_status_is_the_worst_of_a_mandatory_requirement() {
    use ComplianceStatus::{Compliant, Expired, ExpiresDuring, Missing, NotYetValid};
    let days = job("2026-06-01", "2026-06-10");
    let certifications = [
        held(1, "GWO_WAH", "2025-01-01", "2027-01-01"),
        held(2, "GWO_FA", "2025-01-01", "2026-06-05"),
        held(3, "GWO_MH", "2026-06-05", "2028-06-05"),
        held(4, "GWO_FAW", "2024-01-01", "2026-01-01"),
    ];
    let order = [
        ("GWO_WAH", Compliant),
        ("GWO_FA", ExpiresDuring),
        ("GWO_MH", NotYetValid),
        ("GWO_FAW", Expired),
        ("GWO_SS", Missing),
    ];
    for count in 1..=order.len() {
        let requirements = order[..count].iter().map(|(code, _)| any_of(&[code])).collect();
        let compliance = Compliance::of(&certifications, &Requirements::new(requirements).unwrap(), days, day(TODAY));
        let statuses: Vec<_> = compliance.groups.iter().map(|group| group.status).collect();
        assert_eq!(statuses, order[..count].iter().map(|(_, status)| *status).collect::<Vec<_>>());
        assert_eq!(compliance.overall, order[count - 1].1);
    }
}

#[test]
fn an_optional_requirement_is_assessed_and_does_not_count() {
    let optional = Requirement::new(vec!["GWO_SS".parse().unwrap()], false, None).unwrap();
    let requirements = Requirements::new(vec![optional]).unwrap();
    let compliance = Compliance::of(&[], &requirements, job("2026-06-01", "2026-06-10"), day(TODAY));
    assert_eq!(compliance.overall, ComplianceStatus::Compliant);
    assert_eq!(compliance.groups[0].status, ComplianceStatus::Missing);
}

#[test]
fn without_requirements_every_technician_is_compliant() {
    let compliance = Compliance::of(&[], &Requirements::default(), job("2026-06-01", "2026-06-10"), day(TODAY));
    assert_eq!((compliance.overall, compliance.groups.len()), (ComplianceStatus::Compliant, 0));
}
