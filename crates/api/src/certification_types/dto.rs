use repower_domain::{
    certification_types::{Cycle, Expiry, LateRefresher, RenewalWindow, TypeCode},
    values::CalendarDate,
};
use repower_http::schema::{ResponseSchema, SchemaRef, Schemas, text, whole};
use serde::Serialize;
use utoipa::openapi::OneOfBuilder;

/// A type of certifications.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificationTypeView {
    code: TypeCode,
    /// Other codes that records print, those of refreshers too. They are taken in place of the code.
    aliases: Vec<String>,
    /// The aliases that say that the course was a REFRESHER.
    refresher_aliases: Vec<String>,
    issuer: String,
    name: String,
    expiry: ExpiryView,
    /// How long before the end a refresher keeps the cycle; null if none does.
    renewal_window: Option<RenewalWindowView>,
    late_refresher: LateRefresher,
    /// The other types that a holder satisfies too.
    satisfies: Vec<TypeCode>,
    /// The first day on which none is issued any more.
    retired_on: Option<CalendarDate>,
    /// Where the figures are published; where no publication was found, it says so.
    source: String,
}

/// When certifications of a type end.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ExpiryView {
    Named(&'static str),
    Months(u32),
}

impl ExpiryView {
    const NEVER: &'static str = "NEVER";
    const AS_PRINTED: &'static str = "AS_PRINTED";
}

impl ResponseSchema for ExpiryView {
    fn schema(_: &mut Schemas) -> SchemaRef {
        OneOfBuilder::new()
            .item(text().enum_values(Some([Self::NEVER, Self::AS_PRINTED])))
            .item(whole(1, None))
            .description(Some("Calendar months from the day of completion, or NEVER, or AS_PRINTED on the record."))
            .into()
    }
}

/// The time before the end of a certification: one of the two.
#[derive(Debug, Serialize, ResponseSchema)]
struct RenewalWindowView {
    /// Calendar months.
    #[serde(skip_serializing_if = "Option::is_none")]
    months: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<u32>,
}

impl From<RenewalWindow> for RenewalWindowView {
    fn from(window: RenewalWindow) -> Self {
        match window {
            RenewalWindow::Months(months) => Self { months: Some(months), days: None },
            RenewalWindow::Days(days) => Self { months: None, days: Some(days) },
        }
    }
}

impl From<TypeCode> for CertificationTypeView {
    fn from(code: TypeCode) -> Self {
        let entry = code.details();
        let owned = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        let (expiry, window, late_refresher) = match entry.expiry {
            Expiry::Never => (ExpiryView::Named(ExpiryView::NEVER), None, LateRefresher::Allowed),
            Expiry::AsPrinted => (ExpiryView::Named(ExpiryView::AS_PRINTED), None, LateRefresher::Allowed),
            Expiry::After(Cycle { months, window, late_refresher }) => {
                (ExpiryView::Months(months), window.map(RenewalWindowView::from), late_refresher)
            }
        };
        Self {
            code,
            aliases: [owned(&entry.aliases), owned(&entry.refresher_codes)].concat(),
            refresher_aliases: owned(&entry.refresher_codes),
            issuer: entry.issuer.to_owned(),
            name: entry.name.to_owned(),
            expiry,
            renewal_window: window,
            late_refresher,
            satisfies: code.satisfied().collect(),
            retired_on: entry.retired_on,
            source: entry.source.to_owned(),
        }
    }
}
