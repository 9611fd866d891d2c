//! Responses that are older than a second, while it is proven that public data has not changed.

use std::sync::Mutex;

use super::*;

/// Public data whose version is set by the test.
struct Versions(Mutex<Option<u64>>);

impl Versions {
    fn set(&self, version: Option<u64>) {
        *self.0.lock().unwrap() = version;
    }
}

impl PublicChanges for Versions {
    fn note_public_change(&self) {}

    fn public_version(&self, _: Instant) -> Option<u64> {
        *self.0.lock().unwrap()
    }
}

fn scene_of(version: Option<u64>) -> (Arc<Versions>, Scene) {
    let versions = Arc::new(Versions(Mutex::new(version)));
    (Arc::clone(&versions), Scene::of(ResponseCache::watching(ROOM, versions)))
}

#[actix_web::test]
async fn a_response_is_served_for_a_minute_while_public_data_has_its_version() {
    let (_, scene) = scene_of(Some(7));
    for (ms, expected) in [(0, 1), (950, 1), (30_000, 1), (59_999, 1), (60_000, 2), (119_999, 2), (120_000, 3)] {
        assert_eq!(scene.request(ms).await, number!(expected), "{ms}");
    }
}

#[actix_web::test]
async fn a_response_of_an_earlier_version_is_served_for_a_second() {
    let (versions, scene) = scene_of(Some(7));
    assert_eq!(scene.request(0).await, number!(1));
    versions.set(Some(8));
    assert_eq!((scene.request(949).await, scene.request(950).await), (number!(1), number!(2)));
    assert_eq!(scene.request(30_000).await, number!(2));
}

#[actix_web::test]
async fn a_response_is_served_for_a_second_without_a_proof() {
    for (at_its_making, later) in [(None, None), (None, Some(7)), (Some(7), None)] {
        let (versions, scene) = scene_of(at_its_making);
        assert_eq!(scene.request(0).await, number!(1));
        versions.set(later);
        let served = (scene.request(949).await, scene.request(950).await);
        assert_eq!(served, (number!(1), number!(2)), "{at_its_making:?} {later:?}");
    }
}

#[actix_web::test]
async fn a_change_during_the_making_of_a_response_is_another_version() {
    let (versions, scene) = scene_of(Some(7));
    let (start, ready) = oneshot::channel();
    let mut slow = pin!(scene.request_slowly(0, ready));
    assert!(poll(&mut slow).is_pending());
    versions.set(Some(8));
    start.send(()).unwrap();
    assert_eq!(slow.await, number!(1));
    assert_eq!((scene.request(949).await, scene.request(950).await), (number!(1), number!(2)));
}

#[actix_web::test]
async fn a_change_by_this_server_is_visible_at_once_also_in_the_same_version() {
    let (_, scene) = scene_of(Some(7));
    assert_eq!(scene.request(0).await, number!(1));
    scene.change();
    assert_eq!(scene.request(1).await, number!(2));
}
