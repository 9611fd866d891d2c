use super::*;

/// A service that counts one write of the technician, with this result.
fn counting_writes(result: Result<(), Throttled>) -> AccountService {
    let mut ports = Ports { limits: Some(ThrottleLimits::default()), ..Ports::default() };
    ports.rates.expect_count().once().return_once(move |rate, limit, at| {
        assert_eq!((rate, at), (Rate::Writes(user_id_of(Role::Technician)), now()));
        assert_eq!((limit.attempts, limit.window), (120, TimeDelta::minutes(1)));
        result
    });
    ports.service()
}

#[test]
fn a_write_is_counted_by_its_user() {
    assert_eq!(counting_writes(Ok(())).count_write(&actor_with(Role::Technician)), Ok(()));
}

#[test]
fn too_many_writes_return_the_seconds_to_wait() {
    let counted = counting_writes(Err(throttled())).count_write(&actor_with(Role::Technician));
    assert_eq!(counted, Err(TooManyAttempts { retry_after: 10 }));
}

#[test]
fn without_limits_no_write_is_counted() {
    assert_eq!(Ports::default().service().count_write(&actor_with(Role::Technician)), Ok(()));
}
