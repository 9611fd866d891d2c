//! A log line as a JSON object.
//!
//! What tracing-subscriber has for this parses and writes each span's fields
//! anew for every line, which was a third of what a kept page costs.

use std::{fmt, io};

use serde::Serialize;
use serde_json::Serializer;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::Record,
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

/// Writes each event as `{"timestamp":…,"level":…,…,"target":…,"span":{…}}` in a
/// line of its own: its fields stand in the middle, those of the innermost span
/// it happened in, beside the span's `name`, at the end.
#[derive(Debug)]
pub(super) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let of_log = event.normalized_metadata();
        let metadata = of_log.as_ref().unwrap_or_else(|| event.metadata());
        line.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut line)?;
        write!(line, "\",\"level\":\"{}\"", metadata.level())?;
        write_members(&mut line, true, |members| event.record(members))?;
        line.write_str(",\"target\":")?;
        write_text(&mut line, metadata.target())?;
        if let Some(span) = context.lookup_current() {
            line.write_str(",\"span\":{")?;
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>()
                && !fields.is_empty()
            {
                write!(line, "{},", fields.fields)?;
            }
            line.write_str("\"name\":")?;
            write_text(&mut line, span.name())?;
            line.write_char('}')?;
        }
        line.write_str("}\n")
    }
}

/// Writes the fields of a span as members of an object, without its braces.
#[derive(Debug)]
pub(super) struct JsonMembers;

impl<'writer> FormatFields<'writer> for JsonMembers {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        write_members(&mut writer, false, |members| fields.record(members))
    }

    fn add_fields(&self, current: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let is_continued = !current.is_empty();
        write_members(&mut current.as_writer(), is_continued, |members| fields.record(members))
    }
}

/// Writes what `record` tells; `is_continued` where members stand before it.
fn write_members(line: &mut Writer<'_>, is_continued: bool, record: impl FnOnce(&mut Members<'_, '_>)) -> fmt::Result {
    let mut members = Members { line, is_continued, outcome: Ok(()) };
    record(&mut members);
    members.outcome
}

fn write_value(line: &mut Writer<'_>, value: impl Serialize) -> fmt::Result {
    value.serialize(&mut Serializer::new(Bytes(line))).map_err(|_unwritten| fmt::Error)
}

/// As [`write_value`], a text; most need no escaping.
fn write_text(line: &mut Writer<'_>, text: &str) -> fmt::Result {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        return write_value(line, text);
    }
    line.write_char('"')?;
    line.write_str(text)?;
    line.write_char('"')
}

/// Each field as `"name":value`, with commas between them.
struct Members<'line, 'writer> {
    line: &'line mut Writer<'writer>,
    is_continued: bool,
    outcome: fmt::Result,
}

impl Members<'_, '_> {
    fn add(&mut self, field: &Field, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        // Where the log crate was told something: it is the line's target already.
        if field.name().starts_with("log.") {
            return;
        }
        self.outcome = self.outcome.and_then(|()| {
            if self.is_continued {
                self.line.write_char(',')?;
            }
            self.is_continued = true;
            write_text(self.line, field.name())?;
            self.line.write_char(':')?;
            write(self.line)
        });
    }
}

impl Visit for Members<'_, '_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, |line| write_value(line, value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, |line| write_value(line, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, |line| write_value(line, value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, |line| write_value(line, value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, |line| write_text(line, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, |line| write_value(line, Told(value)));
    }
}

/// The text of a value, as a string.
struct Told<'value>(&'value dyn fmt::Debug);

impl Serialize for Told<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:?}", self.0))
    }
}

/// Takes bytes for what takes text.
struct Bytes<'line, 'writer>(&'line mut Writer<'writer>);

impl io::Write for Bytes<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_str(text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing::{field, subscriber::with_default};
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Log {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    /// The lines that `act` logs, without the time.
    fn lines(act: impl FnOnce()) -> Vec<Value> {
        let log = Log::default();
        let subscriber =
            tracing_subscriber::fmt().fmt_fields(JsonMembers).event_format(JsonLines).with_writer(log.clone()).finish();
        with_default(subscriber, act);
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let read = |line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let time = line.as_object_mut().unwrap().remove("timestamp").unwrap();
            assert!(chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).is_ok(), "{time}");
            line
        };
        text.lines().map(read).collect()
    }

    #[test]
    fn fields_of_every_kind_stand_beside_the_message() {
        let none: Option<&str> = None;
        let told = lines(
            || tracing::info!(target: "here", a = 1, b = -2_i64, c = 0.5, d = true, none, e = ?Some(3), "it {}", "is"),
        );
        let expected = json!({
            "level": "INFO", "message": "it is", "a": 1, "b": -2, "c": 0.5, "d": true, "e": "Some(3)", "target": "here",
        });
        assert_eq!(told, [expected]);
    }

    #[test]
    fn whatever_is_told_stays_within_its_string_and_its_line() {
        let nasty = "\"}\n\t\\ \u{1} ü \u{2028}";
        let told = lines(|| tracing::warn!(nasty, shown = %nasty, "{nasty}"));
        let [line] = told.as_slice() else { unreachable!("{told:?}") };
        for name in ["nasty", "shown", "message"] {
            assert_eq!(line[name], nasty, "{name}");
        }
    }

    #[test]
    fn a_line_names_the_innermost_span_with_all_that_it_was_told() {
        let told = lines(|| {
            let _outer = tracing::info_span!("outer", far = 1).entered();
            let span = tracing::info_span!("request", id = "a\"b", actor = field::Empty, more = field::Empty);
            let _entered = span.clone().entered();
            tracing::info!("before");
            span.record("actor", field::display("somebody")).record("more", 2);
            tracing::info!("after");
        });
        let spans: Vec<_> = told.iter().map(|line| line["span"].clone()).collect();
        let before = json!({"id": "a\"b", "name": "request"});
        let after = json!({"id": "a\"b", "actor": "somebody", "more": 2, "name": "request"});
        assert_eq!(spans, [before, after]);
    }

    #[test]
    fn a_span_without_fields_and_none_at_all_are_told_as_well() {
        let told = lines(|| {
            tracing::info!("outside");
            let span = tracing::info_span!("empty", later = field::Empty);
            span.in_scope(|| tracing::info!("inside"));
            span.record("later", true);
            span.in_scope(|| tracing::info!("told more"));
        });
        let spans: Vec<_> = told.iter().map(|line| line.get("span").cloned()).collect();
        let (named, told_more) = (json!({"name": "empty"}), json!({"later": true, "name": "empty"}));
        assert_eq!(spans, [None, Some(named), Some(told_more)]);
    }

    #[test]
    fn what_the_log_crate_is_told_has_its_own_target() {
        let told = lines(|| {
            let record = log::Record::builder().args(format_args!("heard")).target("elsewhere").build();
            tracing_log::format_trace(&record).unwrap();
        });
        assert_eq!(told, [json!({"level": "INFO", "message": "heard", "target": "elsewhere"})]);
    }
}
