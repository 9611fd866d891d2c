//! A picture of certifications by their days, in SVG. It is 400 pixels wide, so that it can be read on a phone, and each row says
//! in words until when it holds. It has no styles and no scripts: the content security policy of every response would block them.

mod axis;
mod rows;
mod text;

use std::fmt::{Arguments, Write as _};

use repower_domain::{
    technicians::Certification,
    values::{CalendarDate, DateRange},
};

pub(super) use self::rows::JobDays;
use self::{
    axis::{Axis, LEFT, RIGHT},
    rows::{Bar, Look, Row, Rows, bars, ending},
    text::{Escaped, shortened, width_of},
};

/// The most rows that are drawn; the number of the others is named.
const MAX_ROWS: usize = 60;
/// The most certifications of a row that are drawn: those in force on some day come first, then the latest end.
const MAX_BARS: usize = 12;
/// The most gaps of a row that are drawn, the first ones.
const MAX_GAPS: usize = 24;

// Lengths are in tenths of a pixel.
const WIDTH: i64 = 4_000;
const BAR: i64 = 110;
const ROW: i64 = 370;

/// The texts: their size, weight and colour.
const TITLE: &str = r##"font-size="140" font-weight="bold" fill="#111827""##;
const HEADING: &str = r##"font-size="110" font-weight="bold" fill="#374151""##;
const LABEL: &str = r##"font-size="115" fill="#111827""##;
const NOTE: &str = r##"font-size="105" fill="#374151""##;
const LABEL_SIZE: i64 = 115;
const NOTE_SIZE: i64 = 105;

const TODAY: &str = "#7f1d1d";
const JOB: &str = "#dbeafe";
const JOB_EDGE: &str = "#1e3a8a";
const GAP: &str = r##"fill="url(#gap)" stroke="#b91c1c" stroke-width="10""##;

const PATTERNS: &str = r##"<defs><pattern id="gap" width="50" height="50" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="50" height="50" fill="#fff"/><rect width="20" height="50" fill="#b91c1c"/></pattern><pattern id="expiring" width="60" height="60" patternUnits="userSpaceOnUse"><rect width="60" height="60" fill="#f59e0b"/><rect width="10" height="60" fill="#78350f"/></pattern></defs>"##;

impl Look {
    const ALL: [Self; 5] = [Self::Valid, Self::Expiring, Self::Expired, Self::NotYetValid, Self::NoCover];

    const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::NotYetValid => "not yet valid",
            Self::NoCover => "does not count",
        }
    }

    /// They differ in lightness, pattern or outline, so that they can be distinguished without colours.
    const fn paint(self) -> &'static str {
        match self {
            Self::Valid => r##"fill="#14532d" stroke="#fff" stroke-width="10""##,
            Self::Expiring => r##"fill="url(#expiring)" stroke="#78350f" stroke-width="10""##,
            Self::Expired => r##"fill="#d1d5db" stroke="#6b7280" stroke-width="10""##,
            Self::NotYetValid => r##"fill="#fff" stroke="#14532d" stroke-width="14""##,
            Self::NoCover => r##"fill="#fff" stroke="#6b7280" stroke-width="10" stroke-dasharray="30 20""##,
        }
    }
}

/// The timeline of certifications on the day `today`, as a document of SVG. With the days of a job it has a row for each of its
/// requirements, and marks the days of the job that are not covered.
///
/// It has less than 486,000 bytes, for any number of certifications, by [`MAX_ROWS`], [`MAX_BARS`] and [`MAX_GAPS`]. All
/// certifications count for the gaps.
pub(super) fn timeline_svg(certifications: &[Certification], days: Option<JobDays<'_>>, today: CalendarDate) -> String {
    let rows = Rows::new(certifications, days);
    let mut drawing = Drawing::new(Axis::new(certifications, days.map(|job| job.days), today), days, today);
    drawing.say(format_args!("Certifications: {}.", certifications.len()));
    drawing.head(days);
    let top = drawing.y;
    let shown = drawing.rows(&rows);
    let all = rows.required.len() + rows.others.len();
    if all == 0 {
        // The lines have an end that is seen.
        drawing.y += 100;
    }
    drawing.grid(top);
    if certifications.is_empty() {
        drawing.line(NOTE, 220, "No certifications.");
    }
    if shown < all {
        let more = format!("… and {} more", all - shown);
        drawing.line(NOTE, 220, &more);
        drawing.say(format_args!(" {more}."));
    }
    if all > 0 {
        drawing.legend(!rows.required.is_empty());
    }
    drawing.finish()
}

/// A timeline as far as it is drawn: from the top down to `y`.
struct Drawing {
    axis: Axis,
    today: CalendarDate,
    /// The days of the job.
    job: Option<DateRange>,
    y: i64,
    /// The days of the job, and the lines of months and of today: they are behind the rest.
    back: String,
    front: String,
    /// The description, which says the same in words.
    words: String,
}

impl Drawing {
    fn new(axis: Axis, days: Option<JobDays<'_>>, today: CalendarDate) -> Self {
        let job = days.map(|job| job.days);
        Self { axis, today, job, y: 0, back: String::new(), front: String::new(), words: String::new() }
    }

    /// The left edge and the width of the days of the job.
    fn band(&self) -> Option<(i64, i64)> {
        self.job.and_then(|days| self.axis.span(days.start(), Some(days.last())))
    }

    // Writing into memory does not fail.

    fn draw(&mut self, shape: Arguments<'_>) {
        let _ = self.front.write_fmt(shape);
    }

    fn draw_behind(&mut self, shape: Arguments<'_>) {
        let _ = self.back.write_fmt(shape);
    }

    fn say(&mut self, words: Arguments<'_>) {
        let _ = self.words.write_fmt(words);
    }

    /// A text at the present height.
    fn write(&mut self, x: i64, anchor: &str, style: &str, text: &str) {
        let (y, text) = (self.y, Escaped(text));
        self.draw(format_args!(r#"<text x="{x}" y="{y}" text-anchor="{anchor}" {style}>{text}</text>"#));
    }

    /// A text of one line at the left edge.
    fn line(&mut self, style: &str, height: i64, text: &str) {
        self.y += height;
        self.write(LEFT, "start", style, text);
    }

    fn rect(&mut self, (x, width): (i64, i64), y: i64, height: i64, paint: &str) {
        self.draw(format_args!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" {paint}/>"#));
    }

    fn head(&mut self, days: Option<JobDays<'_>>) {
        self.line(TITLE, 250, &format!("Certifications on {}", self.today));
        if let Some(JobDays { days, .. }) = days {
            let (first, last) = (days.start(), days.last());
            let job = if first < last { format!("Job: {first} to {last}") } else { format!("Job: {first}") };
            self.line(NOTE, 190, &job);
            self.say(format_args!(" {job}."));
        }
        self.y += 220;
        for (month, name) in self.axis.ticks() {
            let x = self.axis.x(month);
            // A name at an edge would be cut off.
            if (LEFT + 180..RIGHT - 180).contains(&x) {
                self.write(x, "middle", NOTE, &name);
            }
        }
        if let Some((x, width)) = self.band() {
            self.y += 140;
            self.write((x + width / 2).clamp(LEFT + 100, RIGHT - 100), "middle", HEADING, "job");
        }
        if self.axis.shows(self.today) {
            self.y += 130;
            let x = self.axis.x(self.today).clamp(LEFT + 160, RIGHT - 160);
            self.write(x, "middle", &format!(r#"font-size="110" font-weight="bold" fill="{TODAY}""#), "today");
        }
        self.y += 40;
    }

    /// Draws the first rows; returns their number.
    fn rows(&mut self, Rows { required, others }: &Rows<'_>) -> usize {
        let other = (!required.is_empty()).then_some("Others");
        let mut shown = 0;
        for (heading, rows) in [(Some("Required by the job"), required), (other, others)] {
            let rows = rows.get(..rows.len().min(MAX_ROWS - shown)).unwrap_or_default();
            if let Some(heading) = heading.filter(|_| !rows.is_empty()) {
                self.line(HEADING, 230, heading);
                self.y += 40;
                self.say(format_args!(" {heading}:"));
            }
            for row in rows {
                self.row(row);
            }
            shown += rows.len();
        }
        shown
    }

    fn row(&mut self, row: &Row<'_>) {
        let standing = row.standing(self.today);
        self.describe(row, &standing);
        let note = match row.missing() {
            Some((missing, all)) => format!("{standing} · gap: {missing} of {all} d"),
            None => standing,
        };
        let taken = i64::try_from(width_of(&note)).unwrap_or(0) * NOTE_SIZE / 100;
        let room = (RIGHT - LEFT - taken - 100).max(0);
        let label = shortened(&row.label, usize::try_from(room * 100 / LABEL_SIZE).unwrap_or(0));
        let (top, label) = (self.y, Escaped(&label));
        self.y += 160;
        self.write(RIGHT, "end", NOTE, &note);
        // A nested picture cuts a label off that is wider or higher than others.
        self.draw(format_args!(
            r#"<svg x="{LEFT}" y="{top}" width="{room}" height="210"><text y="160" unicode-bidi="plaintext" {LABEL}>{label}</text></svg>"#
        ));
        self.track(row, top + 220);
        self.y = top + ROW;
    }

    /// The days of a row.
    fn track(&mut self, row: &Row<'_>, y: i64) {
        self.draw(format_args!(r##"<path d="M{LEFT} {}H{RIGHT}" stroke="#9ca3af" stroke-width="8"/>"##, y + BAR / 2));
        let shown = row.certifications.iter().take(MAX_BARS);
        let mut all: Vec<_> = shown.flat_map(|one| bars(one, self.today)).collect();
        // Days that count are above those that do not, and later ones above earlier ones.
        all.sort_by_key(|bar| (bar.look != Look::NoCover, bar.first));
        for bar in all {
            self.bar(bar, y);
        }
        let gaps: Vec<_> = row
            .gaps()
            .into_iter()
            .filter_map(|(first, last)| self.axis.span(first, Some(last)))
            .take(MAX_GAPS)
            .collect();
        for span in gaps {
            self.rect(span, y - 15, BAR + 30, GAP);
        }
        if self.axis.shows(self.today) {
            let (x, y, height) = (self.axis.x(self.today), y - 25, BAR + 50);
            self.draw(format_args!(r#"<path d="M{x} {y}v{height}" stroke="{TODAY}" stroke-width="20"/>"#));
        }
    }

    fn bar(&mut self, Bar { first, last, look }: Bar, y: i64) {
        let Some((x, width)) = self.axis.span(first, last) else { return };
        let paint = look.paint();
        if last.is_none() {
            let (middle, bottom, neck, tip) = (y + BAR / 2, y + BAR, (x + width - 90).max(x), x + width);
            self.draw(format_args!(r#"<path d="M{x} {y}H{neck}L{tip} {middle}L{neck} {bottom}H{x}Z" {paint}/>"#));
        } else if look == Look::NoCover {
            self.rect((x, width), y + 25, BAR - 50, paint);
        } else {
            self.rect((x, width), y, BAR, paint);
        }
    }

    /// Draws the lines behind the rows.
    fn grid(&mut self, top: i64) {
        let height = self.y - top;
        if let Some((x, width)) = self.band() {
            self.draw_behind(format_args!(
                r#"<rect x="{x}" y="{top}" width="{width}" height="{height}" fill="{JOB}"/>"#
            ));
        }
        let months = self.axis.ticks().into_iter().map(|(month, _)| (self.axis.x(month), "#e5e7eb"));
        let today = self.axis.shows(self.today).then(|| (self.axis.x(self.today), "#fca5a5"));
        let lines: Vec<_> = months.chain(self.edges()).chain(today).collect();
        for (x, colour) in lines {
            self.draw_behind(format_args!(r#"<path d="M{x} {top}v{height}" stroke="{colour}" stroke-width="8"/>"#));
        }
    }

    /// The edges of the job, with their colour. One that is not shown has none: the job goes on there.
    fn edges(&self) -> impl Iterator<Item = (i64, &'static str)> {
        let edges = self.job.zip(self.band()).map(|(days, (x, width))| [(days.start(), x), (days.last(), x + width)]);
        let shown = edges.into_iter().flatten().filter(|(day, _)| self.axis.shows(*day));
        shown.map(|(_, x)| (x, JOB_EDGE))
    }

    fn legend(&mut self, has_requirements: bool) {
        let looks = Look::ALL.into_iter().map(|look| (look.paint(), look.name()));
        let gap = has_requirements.then_some((GAP, "gap"));
        for (place, (paint, name)) in (0..).zip(looks.chain(gap)) {
            let x = LEFT + place % 3 * 1_250;
            if place % 3 == 0 {
                self.y += 220;
            }
            self.rect((x, 220), self.y - 85, 90, paint);
            self.write(x + 290, "start", NOTE, name);
        }
    }

    /// Adds a row to the words.
    fn describe(&mut self, row: &Row<'_>, standing: &str) {
        // A name is shorter than this; a requirement may have ten types.
        self.say(format_args!(" {}: {standing}", Escaped(&shortened(&row.label, 30_000))));
        for one in row.certifications.iter().take(MAX_BARS) {
            let provider = shortened(one.provider.as_str(), 2_500);
            self.say(format_args!("; {}, {}", Escaped(&provider), one.validity.first()));
            match one.validity.last() {
                Some(last) => self.say(format_args!(" to {last}")),
                None => self.say(format_args!(" without an end")),
            }
            for bar in bars(one, self.today) {
                match bar.look {
                    Look::NoCover => self.say(format_args!(", {}", ending(one))),
                    look => self.say(format_args!(", {}", look.name())),
                }
            }
        }
        for (first, last) in row.gaps().into_iter().take(MAX_GAPS) {
            self.say(format_args!("; gap from {first} to {last}"));
        }
        self.say(format_args!("."));
    }

    fn finish(self) -> String {
        let Self { y, back, front, words, today, .. } = self;
        let height = y / 10 + 12;
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="400" height="{height}" viewBox="0 0 {WIDTH} {}" role="img" aria-labelledby="timeline-title" aria-describedby="timeline-desc" lang="en" font-family="sans-serif"><title id="timeline-title">Certifications on {today}</title><desc id="timeline-desc">{words}</desc>{PATTERNS}<rect width="100%" height="100%" fill="#fff"/>{back}{front}</svg>"##,
            height * 10
        )
    }
}

#[cfg(test)]
mod tests;
