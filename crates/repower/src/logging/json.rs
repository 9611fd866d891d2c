//! The lines of the log in production: a JSON object for each event.
//!
//! The formatter of `tracing-subscriber` makes a map of the members of each event and each span,
//! and parses that of the span again for each event. At 90,000 requests a second that was a
//! twentieth of the time of a server. `write!` costs more than the text of a short member.

use std::fmt::{self, Debug};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_log::NormalizeEvent;
use tracing_subscriber::{
    field::RecordFields,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// What `log` records about its events for `tracing`, which has it in their metadata.
const OF_LOG: &str = "log.";

/// Formats an event: `timestamp`, `level`, its own fields, `target`, and in `span` the fields of
/// the innermost span.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        line.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut line)?;
        line.write_str(r#"","level":""#)?;
        line.write_str(metadata.level().as_str())?;
        line.write_str("\"")?;
        let mut members = Members { known: "", written: line.by_ref(), is_first: false, result: Ok(()) };
        event.record(&mut members);
        members.result?;
        line.write_str(r#","target":"#)?;
        write_string(&mut line, metadata.target())?;
        if let Some(span) = context.parent_span() {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>().map_or("", |fields| fields.fields.as_str());
            line.write_str(r#","span":{"#)?;
            line.write_str(fields)?;
            line.write_str("}")?;
        }
        line.write_str("}\n")
    }
}

/// Formats the fields of a span: the members of a JSON object, without its braces.
pub(super) struct JsonMembers;

impl FormatFields<'_> for JsonMembers {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'_>, fields: R) -> fmt::Result {
        let mut members = Members { known: "", written: writer, is_first: true, result: Ok(()) };
        fields.record(&mut members);
        members.result
    }

    /// Adds fields that the span did not have at its start. A field keeps its first value.
    fn add_fields(&self, current: &mut FormattedFields<Self>, fields: &tracing::span::Record<'_>) -> fmt::Result {
        let mut added = String::new();
        let (known, written) = (current.fields.as_str(), Writer::new(&mut added));
        let mut members = Members { known, written, is_first: known.is_empty(), result: Ok(()) };
        fields.record(&mut members);
        members.result?;
        current.fields.push_str(&added);
        Ok(())
    }
}

/// Writes fields as members of a JSON object.
struct Members<'w> {
    /// The members that the object has already.
    known: &'w str,
    written: Writer<'w>,
    /// Whether no member is before the next one.
    is_first: bool,
    result: fmt::Result,
}

impl<'w> Members<'w> {
    fn write(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'w>) -> fmt::Result) {
        // A field may be a raw identifier.
        let name = field.name().trim_start_matches("r#");
        // Within a string, the quotation mark at the end of a name is escaped.
        let is_known = || !self.known.is_empty() && self.known.contains(&format!(r#""{name}":"#));
        if self.result.is_err() || name.starts_with(OF_LOG) || is_known() {
            return;
        }
        let before = if self.is_first { "\"" } else { ",\"" };
        self.is_first = false;
        let mut write = || {
            self.written.write_str(before)?;
            self.written.write_str(name)?;
            self.written.write_str("\":")
        };
        self.result = write().and_then(|()| value(&mut self.written));
    }
}

impl Visit for Members<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field, |line| write_string(line, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, |line| write!(line, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, |line| write!(line, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, |line| write!(line, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no other numbers. `12.0` stays one with a fraction.
        self.write(field, |line| if value.is_finite() { write!(line, "{value:?}") } else { line.write_str("null") });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, |line| write_string(line, &format!("{value:?}")));
    }
}

fn write_string(line: &mut Writer<'_>, text: &str) -> fmt::Result {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        line.write_str("\"")?;
        line.write_str(text)?;
        return line.write_str("\"");
    }
    line.write_str(&serde_json::to_string(text).map_err(|_error| fmt::Error)?)
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};
    use tracing::{error_span, field, info, subscriber::with_default, warn};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that some work logs, without their timestamps.
    fn logged(work: impl FnOnce()) -> Vec<Value> {
        let (written, log) = (Written::default(), tracing_subscriber::fmt());
        let target = written.clone();
        let log = log.event_format(JsonLine).fmt_fields(JsonMembers).with_writer(move || target.clone()).finish();
        with_default(log, work);
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let lines = written.lines().map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            let timestamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
            assert!(timestamp.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().is_ok(), "{timestamp}");
            line
        });
        lines.collect()
    }

    #[test]
    fn an_event_has_its_fields_as_members_of_their_type() {
        let code = None::<&str>;
        let lines = logged(|| {
            info!(
                status = 200_u16,
                ms = 12.0,
                r#type = 0.25,
                delta = -1,
                is_late = true,
                route = "/api/jobs/{id}",
                code,
                "request"
            );
            warn!(ratio = f64::NAN, error = ?Some("a \"quoted\"\n\\ text 🔧"), "{} failed", 1);
        });
        let target = module_path!();
        let first = json!({"level": "INFO", "message": "request", "status": 200, "ms": 12.0, "type": 0.25, "delta": -1,
            "is_late": true, "route": "/api/jobs/{id}", "target": target});
        let error = "Some(\"a \\\"quoted\\\"\\n\\\\ text 🔧\")";
        let other = json!({"level": "WARN", "message": "1 failed", "ratio": null, "error": error, "target": target});
        assert_eq!(lines, [first, other]);
    }

    #[test]
    fn every_character_of_a_text_is_kept() {
        let text: String = (0..=0x2100).filter_map(char::from_u32).collect();
        assert_eq!(logged(|| info!(text, "all"))[0]["text"], text);
    }

    #[test]
    fn the_fields_of_the_innermost_span_are_in_the_line() {
        let lines = logged(|| {
            info!("before");
            let outer = error_span!("outer", id = "outer");
            let _outer = outer.enter();
            let span = error_span!("request", id = "a\"b", actor = field::Empty, account = field::Empty);
            let _span = span.enter();
            info!("without");
            span.record("actor", field::display(7));
            span.record("account", "c\"actor\":");
            span.record("actor", field::display(8));
            info!("with");
        });
        let spans: Vec<_> = lines.iter().map(|line| line.get("span").cloned()).collect();
        let with = json!({"id": "a\"b", "actor": "7", "account": "c\"actor\":"});
        assert_eq!(spans, [None, Some(json!({"id": "a\"b"})), Some(with)]);
    }

    #[test]
    fn a_span_that_begins_without_fields_has_those_that_come_later() {
        let lines = logged(|| {
            let span = error_span!("request", account = field::Empty, actor = field::Empty, late = field::Empty);
            let _span = span.enter();
            info!("without");
            span.record("account", "a\"actor\":b");
            span.record("actor", 7);
            span.record("late", true);
            info!("with");
        });
        assert_eq!(lines[0]["span"], json!({}));
        assert_eq!(lines[1]["span"], json!({"account": "a\"actor\":b", "actor": 7, "late": true}));
    }

    #[test]
    fn an_event_of_the_log_crate_has_its_own_target_and_no_fields_of_the_bridge() {
        let record = log::Record::builder().level(log::Level::Warn).target("mio::poll").line(Some(7)).build();
        let lines = logged(|| tracing_log::format_trace(&record).unwrap());
        assert_eq!(lines, [json!({"level": "WARN", "message": "", "target": "mio::poll"})]);
    }
}
