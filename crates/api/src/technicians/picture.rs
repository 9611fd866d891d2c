use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header};
use repower_application::technicians::Timeline;
use repower_domain::ids::JobId;
use repower_http::{
    DescribeReply, ReplyFacts,
    input::Defaulted,
    schema::{RequestSchema, text},
};
use serde::Deserialize;
use validator::Validate;

use super::timeline::{JobDays, timeline_svg};

/// `GET /api/technicians/{id}/passport/timeline.svg`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct TimelineQuery {
    /// A job of the own company, whose days and requirements are shown.
    pub(crate) job_id: Defaulted<JobId>,
}

/// A picture in SVG.
pub(crate) struct Picture(String);

impl From<Timeline> for Picture {
    fn from(Timeline { certifications, job, today }: Timeline) -> Self {
        let days = job.as_ref().map(|job| JobDays { days: job.details.days, requirements: &job.requirements });
        Self(timeline_svg(&certifications, days, today))
    }
}

impl Responder for Picture {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "image/svg+xml")).body(self.0)
    }
}

impl DescribeReply for Picture {
    fn facts() -> ReplyFacts {
        ReplyFacts {
            statuses: &[(200, "A picture, outside the envelope.")],
            data: |_| text().into(),
            meta: |_| None,
            is_page: false,
            media_type: Some("image/svg+xml"),
        }
    }
}
