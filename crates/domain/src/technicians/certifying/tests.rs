use std::slice;

use uuid::Uuid;

use super::*;

fn day(text: &str) -> CalendarDate {
    text.parse().unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "a certification may have none")]
fn classified(type_code: &str, course: Course) -> Option<Classification> {
    Some(Classification { type_code: type_code.parse().unwrap(), course })
}

fn new(classification: Option<Classification>, from: &str, until: Option<&str>) -> NewCertification {
    NewCertification::builder()
        .name("A certificate".parse().unwrap())
        .provider("Falck Safety".parse().unwrap())
        .classification(classification)
        .valid_from(day(from))
        .valid_until(until.map(day))
        .build()
}

fn create(new: NewCertification, held: &[Certification]) -> Result<Certification, CertificationError> {
    let number = u128::try_from(held.len()).unwrap() + 1;
    Certification::create(Uuid::from_u128(number).into(), Uuid::from_u128(1_000).into(), new, held)
}

fn end_of(
    classification: Option<Classification>,
    until: Option<&str>,
) -> Result<Option<CalendarDate>, CertificationError> {
    create(new(classification, "2026-03-11", until), &[]).map(|made| made.validity.last())
}

fn verified() -> Certification {
    let heights = new(classified("GWO_WAH", Course::Initial), "2026-03-11", None);
    Certification { trust: Trust::Verified, ..create(heights, &[]).unwrap() }
}

fn edit(one: &Certification, changes: CertificationChanges) -> Result<Option<Certification>, CertificationError> {
    one.edit(changes, [])
}

fn until(changes: Edit<CalendarDate>) -> CertificationChanges {
    CertificationChanges::builder().valid_until(changes).build()
}

fn of_type(code: &str) -> CertificationChanges {
    CertificationChanges::builder().type_code(Edit::Set(code.parse().unwrap())).build()
}

#[test]
fn without_a_given_end_it_has_that_of_its_type() {
    assert_eq!(end_of(classified("GWO_WAH", Course::Initial), None), Ok(Some(day("2028-03-11"))));
    assert_eq!(end_of(classified("GWO_BR", Course::Initial), None), Ok(None));
    assert_eq!(end_of(classified("BOSIET", Course::Initial), None), Err(CertificationError::EndMissing));
    assert_eq!(end_of(None, None), Err(CertificationError::EndMissing));
}

#[test]
fn a_given_end_is_stored_as_given() {
    for code in ["GWO_WAH", "GWO_BR", "BOSIET"] {
        let given = end_of(classified(code, Course::Refresher), Some("2026-12-31"));
        assert_eq!(given, Ok(Some(day("2026-12-31"))), "{code}");
    }
    let reversed = Err(CertificationError::Days(Inconsistent::Days));
    assert_eq!(end_of(None, Some("2026-03-10")), reversed);
}

#[test]
fn a_refresher_without_an_end_renews_an_earlier_one() {
    let held = create(new(classified("GWO_WAH", Course::Initial), "2024-03-11", None), &[]).unwrap();
    let refresher = |from| create(new(classified("GWO_WAH", Course::Refresher), from, None), slice::from_ref(&held));
    assert_eq!(refresher("2026-02-01").unwrap().validity.last(), Some(day("2028-03-11")));
    assert_eq!(refresher("2026-03-12"), Err(RefresherAfterExpiry.into()));
}

#[test]
fn an_edit_that_changes_nothing_is_none() {
    let one = verified();
    assert_eq!(edit(&one, CertificationChanges::default()), Ok(None));
    assert_eq!(edit(&one, of_type("WAH")), Ok(None));
    assert_eq!(edit(&one, until(Edit::Set(day("2028-03-11")))), Ok(None));
}

#[test]
fn a_verified_one_is_to_be_verified_again_after_a_change_of_its_evidence() {
    let one = verified();
    let changes = || CertificationChanges::builder();
    let url = Edit::Set("https://falck.example/1".parse().unwrap());
    let trust = |changes| edit(&one, changes).unwrap().unwrap().trust;
    assert_eq!(trust(changes().provider("RelyOn".parse().ok()).build()), Trust::SelfDeclared);
    assert_eq!(trust(changes().provider("FALCK Safety".parse().ok()).build()), Trust::Verified);
    assert_eq!(trust(changes().valid_from(Some(day("2026-03-12"))).build()), Trust::SelfDeclared);
    assert_eq!(trust(until(Edit::Set(day("2028-03-10")))), Trust::SelfDeclared);
    assert_eq!(trust(of_type("GWO_FA")), Trust::SelfDeclared);
    assert_eq!(trust(changes().document_url(url).build()), Trust::EvidenceAttached);
    assert_eq!(trust(changes().name("Heights".parse().ok()).build()), Trust::Verified);
    assert_eq!(trust(changes().course(Edit::Set(Course::Refresher)).build()), Trust::Verified);
}

#[test]
fn the_name_is_evidence_of_one_without_a_type() {
    let one = Certification { classification: None, ..verified() };
    let named = |name: &str| CertificationChanges::builder().name(name.parse().ok()).build();
    let trust = |changes| edit(&one, changes).unwrap().unwrap().trust;
    assert_eq!(trust(named("Blade Repair")), Trust::SelfDeclared);
    assert_eq!(trust(named(&one.name.as_str().to_uppercase())), Trust::Verified);
}

/// A certification with this decision, about which the verifier and the technician have spoken.
fn disputed(trust: Trust, document_url: Option<&str>) -> Certification {
    Certification {
        trust,
        document_url: document_url.map(|url| url.parse().unwrap()),
        note: "The scan is blurred".parse().ok(),
        appeal: "It is readable".parse().ok(),
        ..verified()
    }
}

#[test]
fn an_edit_takes_back_neither_a_rejection_nor_a_revocation() {
    for trust in [Trust::Rejected, Trust::Revoked] {
        let one = disputed(trust, Some("https://falck.example/1"));
        for changes in [
            CertificationChanges::builder().provider("RelyOn".parse().ok()).build(),
            CertificationChanges::builder().document_url(Edit::Set("https://falck.example/2".parse().unwrap())).build(),
            CertificationChanges::builder().document_url(Edit::Clear).build(),
            until(Edit::Set(day("2028-03-10"))),
        ] {
            let edited = edit(&one, changes).unwrap().unwrap();
            assert_eq!((edited.trust, &edited.note, &edited.appeal), (trust, &one.note, &one.appeal));
        }
    }
}

#[test]
fn one_that_a_revocation_has_revoked_stays_its_own_until_the_evidence_changes() {
    let revoked = Certification {
        revocation_id: Some(Uuid::from_u128(7).into()),
        ..disputed(Trust::Revoked, Some("https://falck.example/1"))
    };
    let changes = || CertificationChanges::builder();
    let revocation = |changes| edit(&revoked, changes).unwrap().unwrap().revocation_id;
    for same in [
        changes().name("Heights".parse().ok()).build(),
        changes().course(Edit::Set(Course::Refresher)).build(),
        changes().name("Heights".parse().ok()).provider(Some(revoked.provider.clone())).build(),
    ] {
        assert_eq!(revocation(same), revoked.revocation_id);
    }
    for other in [
        changes().provider("RelyOn".parse().ok()).build(),
        changes().valid_from(Some(day("2026-03-12"))).build(),
        changes().document_url(Edit::Clear).build(),
        until(Edit::Set(day("2028-03-10"))),
        of_type("GWO_FA"),
    ] {
        assert_eq!(revocation(other), None);
    }
}

#[test]
fn a_note_ends_with_the_evidence_that_it_is_about() {
    let asked = Certification { appeal: None, ..disputed(Trust::SelfDeclared, None) };
    let named = edit(&asked, CertificationChanges::builder().name("Heights".parse().ok()).build()).unwrap().unwrap();
    assert_eq!(named.note, asked.note);
    let url = Edit::Set("https://falck.example/1".parse().unwrap());
    let answered = edit(&asked, CertificationChanges::builder().document_url(url).build()).unwrap().unwrap();
    assert_eq!((answered.trust, answered.note), (Trust::EvidenceAttached, None));
}

#[test]
fn an_undecided_one_is_trusted_by_its_document() {
    let one = Certification { trust: Trust::SelfDeclared, ..verified() };
    let url = Edit::Set("https://falck.example/1".parse().unwrap());
    let with = edit(&one, CertificationChanges::builder().document_url(url).build()).unwrap().unwrap();
    assert_eq!(with.trust, Trust::EvidenceAttached);
    let without = edit(&with, CertificationChanges::builder().document_url(Edit::Clear).build()).unwrap();
    assert_eq!(without, Some(one));
}

#[test]
fn a_cleared_end_becomes_that_of_the_type() {
    let one =
        Certification { validity: Validity::new(day("2026-03-11"), Some(day("2027-01-01"))).unwrap(), ..verified() };
    let cleared = edit(&one, until(Edit::Clear)).unwrap().unwrap();
    assert_eq!(cleared.validity.last(), Some(day("2028-03-11")));
    let without_type = CertificationChanges::builder().type_code(Edit::Clear).valid_until(Edit::Clear).build();
    assert_eq!(edit(&one, without_type), Err(CertificationError::EndMissing));
    assert_eq!(edit(&one, until(Edit::Set(day("2026-03-10")))), Err(Inconsistent::Days.into()));
}

#[test]
fn one_that_never_ended_gets_an_end_with_a_type_that_has_one() {
    let endless = create(new(classified("GWO_BR", Course::Initial), "2026-03-11", None), &[]).unwrap();
    let heights = edit(&endless, of_type("GWO_WAH")).unwrap().unwrap();
    assert_eq!(heights.validity.last(), Some(day("2028-03-11")));
    assert_eq!(edit(&endless, of_type("BOSIET")), Err(CertificationError::EndMissing));
}

#[test]
fn the_course_is_the_given_one_or_that_of_the_code_or_the_old_one_of_the_type() {
    let one = verified();
    let course = |one: &Certification, changes| {
        edit(one, changes).unwrap().map_or(one.classification, |edited| edited.classification).unwrap().course
    };
    let with = |code: &str, course: Option<Course>| {
        let course = course.map_or(Edit::Leave, Edit::Set);
        CertificationChanges::builder().type_code(Edit::Set(code.parse().unwrap())).course(course).build()
    };
    assert_eq!(course(&one, with("WAHR", None)), Course::Refresher);
    assert_eq!(course(&one, with("WAHR", Some(Course::Initial))), Course::Initial);
    let refresher = Certification { classification: classified("GWO_WAH", Course::Refresher), ..one.clone() };
    assert_eq!(course(&refresher, with("GWO_WAH", None)), Course::Refresher);
    assert_eq!(course(&refresher, with("GWO_FA", None)), Course::Initial);
    let untyped = Certification { classification: None, ..one };
    let changes = |course| CertificationChanges::builder().course(course).build();
    assert_eq!(edit(&untyped, changes(Edit::Set(Course::Initial))), Err(CertificationError::CourseWithoutType));
    assert_eq!(edit(&untyped, changes(Edit::Clear)), Ok(None));
    let cleared = edit(&refresher, changes(Edit::Clear)).unwrap().unwrap();
    assert_eq!(cleared.classification, classified("GWO_WAH", Course::Initial));
}

#[test]
fn an_edit_renews_another_and_never_itself() {
    let held = create(new(classified("GWO_WAH", Course::Initial), "2024-03-11", None), &[]).unwrap();
    let own = create(new(classified("GWO_WAH", Course::Initial), "2026-02-01", None), slice::from_ref(&held)).unwrap();
    let changes = CertificationChanges::builder().course(Edit::Set(Course::Refresher)).valid_until(Edit::Clear).build();
    let edited = own.edit(changes.clone(), [&held, &own]).unwrap().unwrap();
    assert_eq!(edited.validity.last(), Some(day("2028-03-11")));
    let alone = own.edit(changes, [&own]).unwrap().unwrap();
    assert_eq!(alone.validity.last(), Some(day("2028-02-01")));
}
