use crate::named::named_enum;

named_enum! {
    /// The kind of course or assessment after which a certification was issued.
    certification_types::Course {
        /// The first one.
        Initial = "INITIAL",
        /// One that renews an earlier certification.
        Refresher = "REFRESHER",
    }
}
