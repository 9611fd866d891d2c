use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header, web::Data};
use repower_http::{
    Access, Code, DescribeReply, Metrics, NoParameters, Query, ReplyFacts, Route, Scraper, schema::text,
};

use crate::error::RouteResult;

/// The routes of the metrics.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/metrics", Access::Public, metrics)
            .named("getMetrics", "Metrics for Prometheus")
            .about("Where `METRICS_TOKEN` is set, it is the bearer token that is needed. Where it is not, a server in production \
                 answers clients on its own machine only.")
            .errors([Code::UNAUTHENTICATED.when("`METRICS_TOKEN` was not sent, or is not set and the client is on another machine.")]),
    ]
}

/// It needs no executor and no database, and so responds in any state of them.
async fn metrics(scraper: Scraper, query: Query<NoParameters>, metrics: Data<Metrics>) -> RouteResult<MetricsText> {
    metrics.authorize(scraper)?;
    query.parse()?;
    Ok(MetricsText(metrics.text()?))
}

/// Metrics in the text format of Prometheus.
struct MetricsText(String);

impl Responder for MetricsText {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let content_type = (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
        HttpResponse::Ok().insert_header(content_type).body(self.0)
    }
}

impl DescribeReply for MetricsText {
    fn facts() -> ReplyFacts {
        ReplyFacts {
            statuses: &[(200, "Outside the envelope.")],
            data: |_| text().into(),
            meta: |_| None,
            is_page: false,
            media_type: Some("text/plain"),
        }
    }
}
