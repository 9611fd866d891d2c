//! `RESULTS.md`.

use std::fmt::Write as _;

use super::results::{Against, Line, Measurement, Results, Scale};
use crate::stats::Figure;

/// The text of `RESULTS.md`.
pub(super) fn markdown(results: &Results) -> String {
    let mut text = String::from(
        "# Results\n\nWritten by `make bench`. The method and its limits are described in [README.md](README.md).\nThe raw figures are in [results.json](results.json).\n\n\
         ![The rates of the server as parts of their yardsticks](results.svg)\n\n## Machine and settings\n\n| | |\n| --- | --- |\n",
    );
    for (name, value) in &results.setting {
        // Writing to a String does not fail, here and below.
        let _ = writeln!(text, "| {name} | {value} |");
    }
    scenarios(&mut text, &results.lines);
    details(&mut text, &results.lines);
    findings(&mut text, &results.findings);
    if !results.missing.is_empty() {
        let _ = writeln!(text, "\nFailed measurements: {}.", results.missing.join(", "));
    }
    text
}

fn scenarios(text: &mut String, lines: &[Line]) {
    text.push_str(
        "\n## Scenarios\n\nRequests per second: the median of the rounds, with the minimum and the maximum. The rate of the server as a part of the \
         rates of pgbench and of the bare route.\n\n\
         | scenario | server | pgbench | bare route | of pgbench | of bare | bar | met |\n\
         | --- | --: | --: | --: | --: | --: | --: | --- |\n",
    );
    for line in lines {
        let measured = &line.measured;
        let bar = line.bar.map_or(String::new(), |bar| {
            let against = if bar.against == Against::Pgbench { "pgbench" } else { "bare" };
            format!("≥ {} of {against}", percent(Some(bar.least)))
        });
        let errors = match measured.ours.errors {
            0 => String::new(),
            errors => format!(", **{errors} errors**"),
        };
        let _ = writeln!(
            text,
            "| {}{errors} | {} | {} | {} | {} | {} | {bar} | {} |",
            line.title,
            rate(&measured.ours.rate),
            scale(measured.pgbench.as_ref()),
            scale(measured.bare.as_ref()),
            percent(line.of_pgbench()),
            percent(line.of_bare()),
            met(line.is_met()),
        );
    }
}

fn details(text: &mut String, lines: &[Line]) {
    text.push_str(
        "\n## Cost of a request\n\nCPU time per request in microseconds: of the server, of the database for the server, of the \
         database for pgbench.\nLatencies in milliseconds, resident memory of the server in MiB, statements and bytes of one response.\n\n\
         | scenario | server µs | database µs | pgbench's database µs | p50 | p99 | RSS | statements | bytes |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: | --: |\n",
    );
    for line in lines {
        let ours = &line.measured.ours;
        let theirs = line.measured.pgbench.as_ref().and_then(|scale| scale.database_cpu);
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {} | {:.2} | {:.2} | {:.0} | {} | {} |",
            line.title,
            ours.cpu.median,
            ours.database_cpu.median,
            theirs.map_or(String::new(), |cpu| format!("{:.0}", cpu.median)),
            ours.p50.median,
            ours.p99.median,
            ours.rss.most,
            line.statements,
            line.bytes,
        );
    }
}

fn findings(text: &mut String, findings: &[Measurement]) {
    let mut sorted: Vec<&Measurement> = findings.iter().collect();
    // Groups the measurements by heading, in the order of the first of each group.
    sorted.sort_by_key(|finding| findings.iter().position(|first| first.about == finding.about));
    let mut about = "";
    for finding in sorted {
        if finding.about != about {
            about = &finding.about;
            let _ = writeln!(text, "\n## {about}\n\n| measurement | figure | bar | met |\n| --- | --: | --: | --- |");
        }
        let bar = finding.bar.as_deref().unwrap_or_default();
        let _ = writeln!(text, "| {} | {} | {bar} | {} |", finding.what, finding.figure, met(finding.is_met));
    }
}

/// One line about a scenario, for the progress.
pub(super) fn in_short(line: &Line) -> String {
    let ours = &line.measured.ours;
    let mut text = format!(
        "{:15} {:>8.0}/s, {:>5.0} + {:>5.0} µs, p99 {:>6.2} ms",
        line.name, ours.rate.median, ours.cpu.median, ours.database_cpu.median, ours.p99.median
    );
    for (of, part) in [("pgbench", line.of_pgbench()), ("bare", line.of_bare())] {
        if part.is_some() {
            let _ = write!(text, ", {} of {of}", percent(part));
        }
    }
    if let Some(is_met) = line.is_met() {
        text.push_str(if is_met { ", met" } else { ", NOT met" });
    }
    if ours.errors > 0 {
        let _ = write!(text, ", {} ERRORS", ours.errors);
    }
    text
}

fn scale(scale: Option<&Scale>) -> String {
    scale.map_or(String::new(), |scale| rate(&scale.rate))
}

fn rate(figure: &Figure) -> String {
    format!("{} ({}–{})", thousands(figure.median), thousands(figure.least), thousands(figure.most))
}

pub(super) fn percent(part: Option<f64>) -> String {
    part.map_or(String::new(), |part| format!("{:.0} %", part * 100.0))
}

const fn met(is_met: Option<bool>) -> &'static str {
    match is_met {
        Some(true) => "yes",
        Some(false) => "**no**",
        None => "",
    }
}

/// A number in groups of three digits.
pub(super) fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::results::{Bar, Measured, Ours};

    fn line(errors: u64) -> Line {
        let figure = Figure::of([500.0]);
        let ours =
            Ours { rate: figure, cpu: figure, database_cpu: figure, p50: figure, p99: figure, rss: figure, errors };
        let pgbench = Some(Scale { rate: Figure::of([1_000.0]), database_cpu: None });
        Line {
            name: "a".to_owned(),
            title: "an a".to_owned(),
            bytes: 1,
            statements: 2,
            bar: Some(Bar { against: Against::Pgbench, least: 0.5 }),
            measured: Measured { ours, pgbench, bare: None },
        }
    }

    #[test]
    fn a_line_with_errors_does_not_meet_its_bar() {
        let text = |errors| markdown(&Results { lines: vec![line(errors)], ..Results::default() });
        assert!(
            text(0).contains("| an a | 500 (500–500) | 1,000 (1,000–1,000) |  | 50 % |  | ≥ 50 % of pgbench | yes |")
        );
        assert!(text(3).contains("| an a, **3 errors** |"));
        assert!(text(3).contains("| **no** |"));
    }

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!(["7", "123", "1,234", "1,234,567"], [7.0, 123.0, 1_234.0, 1_234_567.0].map(thousands));
    }
}
