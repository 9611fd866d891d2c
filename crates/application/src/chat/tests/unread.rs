use super::*;

#[test]
fn either_side_is_told_what_it_has_not_read() {
    let totals = UnreadTotals { threads: 2, messages: 7 };
    for actor in both_sides() {
        let side = match side_of(&actor) {
            Side::Company => Participant::Company(the_company()),
            Side::Technician => Participant::Technician(the_technician()),
        };
        let mut chats = MockChatRepository::new();
        chats.expect_unread().once().withf(move |participant| *participant == side).return_once(move |_| Ok(totals));
        assert_eq!(service(chats).unread(&actor).unwrap(), totals, "{actor:?}");
    }
}

#[test]
fn a_super_admin_has_nothing_to_read() {
    let mut chats = MockChatRepository::new();
    chats.expect_unread().never();
    assert_matches!(service(chats).unread(&super_admin()), Err(AccessError::Forbidden(_)));
}

#[test]
fn what_is_unread_is_not_told_if_the_storage_is_unavailable() {
    let mut chats = MockChatRepository::new();
    chats.expect_unread().once().return_once(|_| Err(unavailable()));
    let unread = service(chats).unread(&technician());
    assert_matches!(unread, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}
