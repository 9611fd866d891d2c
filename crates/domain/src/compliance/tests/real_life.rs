//! Cases of real life, each as a sentence. The job is of ten days in June unless a case says otherwise.

use std::slice;

use super::*;
use crate::technicians::{Proposal, Trust};

use ComplianceStatus::{Compliant, Expired, ExpiresDuring, Missing, NotYetValid};

fn june() -> DateRange {
    job("2026-06-01", "2026-06-10")
}

/// The refresher of a certification that ends on a day, with the proposed end.
fn refreshed(number: u128, before: &Certification, completed: &str) -> Certification {
    let type_code = before.type_code().unwrap();
    let classification = Classification { type_code, course: Course::Refresher };
    let until = Proposal::new(classification, day(completed), [before]).unwrap().valid_until;
    let validity = Validity::new(day(completed), until).unwrap();
    Certification { id: id(number), classification: Some(classification), validity, ..before.clone() }
}

#[test]
fn a_certificate_that_covers_the_job_is_enough() {
    let group = assess(&[held(1, "GWO_WAH", "2025-03-01", "2027-03-01")], any_of(&["GWO_WAH"]), june());
    assert_eq!((group.status, group.covered_until, group.renew_by), (Compliant, None, None));
    assert_eq!((group.certification_ids, group.trust), (vec![id(1)], Some(TrustLevel::SelfDeclared)));
}

#[test]
fn a_certificate_that_ends_on_the_last_day_of_the_job_is_enough() {
    assert_eq!(status(&[held(1, "GWO_WAH", "2024-06-10", "2026-06-10")], &["GWO_WAH"], june()), (Compliant, None));
}

#[test]
fn a_certificate_that_ends_a_day_before_the_job_does_expires_during_it() {
    let until = Some(day("2026-06-09"));
    assert_eq!(status(&[held(1, "GWO_WAH", "2024-06-09", "2026-06-09")], &["GWO_WAH"], june()), (ExpiresDuring, until));
}

#[test]
fn a_certificate_that_ends_on_the_first_day_of_the_job_expires_during_it() {
    let until = Some(day("2026-06-01"));
    assert_eq!(status(&[held(1, "GWO_WAH", "2024-06-01", "2026-06-01")], &["GWO_WAH"], june()), (ExpiresDuring, until));
}

#[test]
fn a_certificate_that_ended_the_day_before_the_job_has_expired() {
    let until = Some(day("2026-05-31"));
    assert_eq!(status(&[held(1, "GWO_WAH", "2024-05-31", "2026-05-31")], &["GWO_WAH"], june()), (Expired, until));
}

#[test]
fn a_course_that_is_completed_on_the_first_day_of_the_job_is_enough() {
    assert_eq!(status(&[held(1, "GWO_WAH", "2026-06-01", "2028-06-01")], &["GWO_WAH"], june()), (Compliant, None));
}

#[test]
fn a_course_that_is_completed_on_the_second_day_of_the_job_is_not_yet_valid() {
    assert_eq!(status(&[held(1, "GWO_WAH", "2026-06-02", "2028-06-02")], &["GWO_WAH"], june()), (NotYetValid, None));
}

#[test]
fn a_course_that_is_booked_for_after_the_job_is_not_yet_valid() {
    assert_eq!(status(&[held(1, "GWO_WAH", "2026-07-01", "2028-07-01")], &["GWO_WAH"], june()), (NotYetValid, None));
}

#[test]
fn a_technician_without_the_certificate_misses_it() {
    let group = assess(&[held(1, "GWO_FA", "2025-03-01", "2027-03-01")], any_of(&["GWO_WAH"]), june());
    assert_eq!((group.status, group.certification_ids, group.trust), (Missing, vec![], None));
}

#[test]
fn an_expired_certificate_with_the_next_course_in_the_middle_of_the_job_has_expired() {
    let old = held(1, "GWO_WAH", "2024-05-20", "2026-05-20");
    let new = held(2, "GWO_WAH", "2026-06-05", "2028-06-05");
    let group = assess(&[new, old], any_of(&["GWO_WAH"]), june());
    assert_eq!((group.status, group.covered_until), (Expired, Some(day("2026-05-20"))));
    assert_eq!(group.certification_ids, [id(1)]);
}

#[test]
fn a_refresher_in_the_window_covers_the_job_without_a_gap() {
    let old = held(1, "GWO_WAH", "2024-06-05", "2026-06-05");
    let new = refreshed(2, &old, "2026-04-20");
    assert_eq!(new.validity.last(), Some(day("2028-06-05")));
    let group = assess(&[old, new], any_of(&["GWO_WAH"]), june());
    assert_eq!((group.status, group.certification_ids), (Compliant, vec![id(2)]));
}

#[test]
fn a_refresher_taken_61_days_early_loses_the_cycle_and_may_end_during_the_next_job() {
    let old = held(1, "GWO_WAH", "2024-06-05", "2026-06-05");
    // The window of two months opens on 5 April, 61 days before the end; this is a day earlier.
    let on_time = refreshed(2, &old, "2026-04-05");
    let early = refreshed(2, &old, "2026-04-04");
    let next_job = job("2028-04-01", "2028-04-14");
    assert_eq!(status(&[old.clone(), on_time], &["GWO_WAH"], next_job), (Compliant, None));
    assert_eq!(status(&[old, early], &["GWO_WAH"], next_job), (ExpiresDuring, Some(day("2028-04-04"))));
}

#[test]
fn a_certificate_that_begins_the_day_after_another_ends_leaves_no_gap() {
    let certifications = [held(2, "BOSIET", "2026-06-06", "2030-06-05"), held(1, "BOSIET", "2022-06-06", "2026-06-05")];
    let group = assess(&certifications, any_of(&["BOSIET"]), june());
    assert_eq!((group.status, group.certification_ids), (Compliant, vec![id(1), id(2)]));
}

#[test]
fn a_gap_of_one_day_between_two_certificates_counts() {
    let certifications = [held(1, "BOSIET", "2022-06-06", "2026-06-05"), held(2, "BOSIET", "2026-06-07", "2030-06-06")];
    assert_eq!(status(&certifications, &["BOSIET"], june()), (ExpiresDuring, Some(day("2026-06-05"))));
}

#[test]
fn an_irata_level_3_meets_a_requirement_of_level_1() {
    assert_eq!(status(&[held(1, "IRATA_L3", "2025-01-01", "2028-01-01")], &["IRATA_L1"], june()), (Compliant, None));
}

#[test]
fn an_irata_level_1_does_not_meet_a_requirement_of_level_3() {
    assert_eq!(status(&[held(1, "IRATA_L1", "2025-01-01", "2028-01-01")], &["IRATA_L3"], june()), (Missing, None));
}

#[test]
fn two_levels_of_irata_cover_a_job_together() {
    let certifications =
        [held(1, "IRATA_L1", "2023-06-04", "2026-06-04"), held(2, "IRATA_L2", "2026-06-05", "2029-06-05")];
    assert_eq!(status(&certifications, &["IRATA_L1"], june()), (Compliant, None));
    assert_eq!(status(&certifications, &["IRATA_L2"], june()), (NotYetValid, None));
}

#[test]
fn enhanced_first_aid_without_first_aid_misses_first_aid() {
    let enhanced = held(1, "GWO_EFA", "2025-03-01", "2027-03-01");
    assert_eq!(status(slice::from_ref(&enhanced), &["GWO_FA"], june()), (Missing, None));
    assert_eq!(status(&[enhanced], &["GWO_FA", "GWO_EFA"], june()), (Compliant, None));
}

#[test]
fn the_retired_combined_rescue_meets_both_of_its_parts_until_it_ends() {
    let combined = held(1, "GWO_ART_HN", "2026-02-01", "2028-02-01");
    for part in ["GWO_ART_H", "GWO_ART_N"] {
        assert_eq!(status(slice::from_ref(&combined), &[part], june()), (Compliant, None));
    }
    assert_eq!(status(&[combined], &["GWO_ART_SR"], june()), (Missing, None));
}

#[test]
fn either_of_two_escape_trainings_is_enough_where_the_job_says_so() {
    assert_eq!(status(&[held(1, "HUET", "2024-01-01", "2027-12-31")], &["BOSIET", "HUET"], june()), (Compliant, None));
}

#[test]
fn a_basic_technical_training_never_expires() {
    let mechanical = held(1, "GWO_BTT_M", "2012-05-01", "");
    let group = assess(&[mechanical], any_of(&["GWO_BTT_M"]), job("2026-06-01", "2099-12-31"));
    assert_eq!((group.status, group.renew_by), (Compliant, None));
}

#[test]
fn a_failed_revalidation_during_the_job_ends_the_cover_the_day_before() {
    let voided_on = Some(day("2026-06-04"));
    let level_3 = Certification { voided_on, ..held(1, "IRATA_L3", "2024-01-01", "2027-01-01") };
    assert_eq!(status(&[level_3], &["IRATA_L3"], june()), (ExpiresDuring, Some(day("2026-06-03"))));
}

#[test]
fn a_certificate_that_was_voided_before_the_job_has_expired() {
    let voided_on = Some(day("2026-05-04"));
    let level_3 = Certification { voided_on, ..held(1, "IRATA_L3", "2024-01-01", "2027-01-01") };
    assert_eq!(status(&[level_3], &["IRATA_L3"], june()), (Expired, Some(day("2026-05-03"))));
}

#[test]
fn a_certificate_that_was_voided_on_its_own_day_counts_for_nothing() {
    let voided_on = Some(day("2024-01-01"));
    let level_3 = Certification { voided_on, ..held(1, "IRATA_L3", "2024-01-01", "2027-01-01") };
    assert_eq!(status(&[level_3], &["IRATA_L3"], june()), (Missing, None));
}

#[test]
fn a_rejected_or_revoked_certificate_counts_for_nothing() {
    for trust in [Trust::Rejected, Trust::Revoked] {
        let certification = Certification { trust, ..held(1, "GWO_WAH", "2025-03-01", "2027-03-01") };
        let group = assess(&[certification], any_of(&["GWO_WAH"]), june());
        assert_eq!((group.status, group.below_min_trust), (Missing, vec![]));
    }
}

#[test]
fn a_certificate_without_a_document_does_not_meet_a_requirement_of_evidence_and_is_named() {
    let certification = held(1, "GWO_WAH", "2025-03-01", "2027-03-01");
    let group = assess(&[certification], at_least("GWO_WAH", TrustLevel::EvidenceAttached), june());
    assert_eq!((group.status, group.certification_ids, group.below_min_trust), (Missing, vec![], vec![id(1)]));
}

#[test]
fn a_verified_certificate_meets_a_requirement_of_evidence() {
    let certification = Certification { trust: Trust::Verified, ..held(1, "GWO_WAH", "2025-03-01", "2027-03-01") };
    let group = assess(&[certification], at_least("GWO_WAH", TrustLevel::EvidenceAttached), june());
    assert_eq!((group.status, group.trust), (Compliant, Some(TrustLevel::Verified)));
}

#[test]
fn a_doubtful_certificate_that_covers_no_uncovered_day_of_the_job_would_not_help() {
    let verified =
        |number, from, until| Certification { trust: Trust::Verified, ..held(number, "GWO_WAH", from, until) };
    let certifications = [
        verified(1, "2024-06-05", "2026-06-05"),
        held(2, "GWO_WAH", "2026-05-01", "2026-06-05"),
        held(3, "GWO_WAH", "2026-06-11", "2028-06-11"),
        held(4, "GWO_WAH", "2026-06-05", "2026-06-06"),
        Certification { trust: Trust::Rejected, ..held(5, "GWO_WAH", "2025-06-05", "2027-06-05") },
    ];
    let group = assess(&certifications, at_least("GWO_WAH", TrustLevel::Verified), june());
    assert_eq!((group.status, group.below_min_trust), (ExpiresDuring, vec![id(4)]));
}

#[test]
fn the_evidence_is_of_the_highest_trust_that_covers_the_job() {
    let scan = "https://falck.example/1".parse().ok();
    let certifications = [
        held(1, "GWO_WAH", "2020-01-01", "2030-01-01"),
        Certification {
            trust: Trust::EvidenceAttached,
            document_url: scan,
            ..held(2, "GWO_WAH", "2025-03-01", "2027-03-01")
        },
        Certification { trust: Trust::Verified, ..held(3, "GWO_WAH", "2024-06-05", "2026-06-05") },
    ];
    let group = assess(&certifications, any_of(&["GWO_WAH"]), june());
    assert_eq!((group.trust, group.certification_ids), (Some(TrustLevel::EvidenceAttached), vec![id(2)]));
}

#[test]
fn a_job_without_a_last_day_asks_for_its_first_day() {
    let days = DateRange::new(day("2026-06-01"), None).unwrap();
    assert_eq!(status(&[held(1, "GWO_WAH", "2024-06-01", "2026-06-01")], &["GWO_WAH"], days), (Compliant, None));
    let ended = (Expired, Some(day("2026-05-31")));
    assert_eq!(status(&[held(1, "GWO_WAH", "2024-05-31", "2026-05-31")], &["GWO_WAH"], days), ended);
}

#[test]
fn a_certificate_with_a_window_is_to_be_renewed_by_its_last_day() {
    let group = assess(&[held(1, "GWO_WAH", "2024-06-05", "2026-06-05")], any_of(&["GWO_WAH"]), june());
    assert_eq!((group.status, group.renew_by), (ExpiresDuring, Some(day("2026-06-05"))));
}

#[test]
fn a_certificate_without_a_window_may_be_renewed_on_the_day_after_its_last() {
    let group = assess(&[held(1, "BOSIET", "2022-06-06", "2026-06-05")], any_of(&["BOSIET"]), june());
    assert_eq!((group.status, group.renew_by), (ExpiresDuring, Some(day("2026-06-06"))));
}

#[test]
fn a_certificate_that_ends_within_60_days_after_the_job_is_to_be_renewed_too() {
    let renew_by = |until| assess(&[held(1, "GWO_WAH", "2025-06-05", until)], any_of(&["GWO_WAH"]), june()).renew_by;
    assert_eq!(renew_by("2026-08-09"), Some(day("2026-08-09")));
    assert_eq!(renew_by("2026-08-10"), None);
}

#[test]
fn a_renewal_that_is_booked_already_is_not_asked_for_again() {
    let certifications =
        [held(1, "GWO_WAH", "2024-06-20", "2026-06-20"), held(2, "GWO_WAH", "2026-06-21", "2028-06-21")];
    assert_eq!(assess(&certifications, any_of(&["GWO_WAH"]), june()).renew_by, None);
}

#[test]
fn a_day_of_renewal_that_has_passed_is_not_named() {
    let certifications = [held(1, "GWO_WAH", "2024-06-05", "2026-06-05")];
    let requirements = Requirements::new(vec![any_of(&["GWO_WAH"])]).unwrap();
    let renew_by = |today| Compliance::of(&certifications, &requirements, june(), day(today)).groups[0].renew_by;
    assert_eq!(renew_by("2026-06-05"), Some(day("2026-06-05")));
    assert_eq!(renew_by("2026-06-06"), None);
}

#[test]
fn a_certificate_without_a_type_meets_no_requirement() {
    let untyped = Certification { classification: None, ..held(1, "GWO_WAH", "2025-03-01", "2027-03-01") };
    assert_eq!(status(&[untyped], &["GWO_WAH"], june()), (Missing, None));
}
