//! The figures of a run in `docs/performance.md`.

use std::fmt::Write as _;

use super::{
    results::{Against, Line, Measurement, Results},
    table::{percent, thousands},
};

const BEGIN: &str = "<!-- written by make bench -->\n";
const END: &str = "<!-- until here -->\n";

/// The quoted scenarios, in their order.
const QUOTED: &[&str] = &[
    "jobs-cached",
    "job-cached",
    "jobs",
    "jobs-discipline",
    "jobs-deep",
    "job",
    "profile",
    "passport",
    "candidates",
    "job-candidates",
    "applicants",
    "threads",
    "poll",
    "send",
    "post-job",
    "apply",
    "working-day",
];

/// The other runs whose bars are quoted.
const RUNS: &[&str] = &["Flood", "Logins", "Memory"];

/// The document with the figures of this run; `None` without the markers.
pub(super) fn renewed(document: &str, results: &Results) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{}{END}", section(results)) + after)
}

fn section(results: &Results) -> String {
    let mut text = String::from(
        "| scenario | requests per second | of its limit | limit | server µs per request |\n| --- | --: | --: | --- | --: |\n",
    );
    for line in QUOTED.iter().filter_map(|name| results.lines.iter().find(|line| line.name == *name)) {
        let (part, limit) = limit(line);
        let ours = &line.measured.ours;
        let (rate, cpu) = (thousands(ours.rate.median), ours.cpu.median);
        // Writing to a String does not fail, here and below.
        let _ = writeln!(text, "| {} | {rate} | {} | {limit} | {cpu:.0} |", line.title, percent(part));
    }
    text.push_str("\n| measurement | figure | bar | met |\n| --- | --: | --- | --- |\n");
    for Measurement { about, what, figure, bar, is_met } in &results.findings {
        let (Some(bar), Some(is_met)) = (bar, is_met) else { continue };
        if RUNS.iter().any(|run| about.starts_with(run)) {
            let _ = writeln!(text, "| {what} | {figure} | {bar} | {} |", if *is_met { "yes" } else { "no" });
        }
    }
    let of_lines = results.lines.iter().filter_map(Line::is_met);
    let all: Vec<bool> = of_lines.chain(results.findings.iter().filter_map(|finding| finding.is_met)).collect();
    let met = all.iter().filter(|is_met| **is_met).count();
    let _ = writeln!(text, "\n{met} of {} bars are met.", all.len());
    text
}

fn limit(line: &Line) -> (Option<f64>, &'static str) {
    match line.bar.map(|bar| bar.against) {
        Some(Against::Bare) => (line.of_bare(), "bare actix-web route"),
        _ => (line.of_pgbench(), "pgbench, same SQL"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::table;

    #[test]
    fn the_documents_have_the_figures_of_the_committed_results() {
        let results: Results = serde_json::from_str(&fs::read_to_string("results.json").unwrap()).unwrap();
        let document = fs::read_to_string("../docs/performance.md").unwrap();
        assert_eq!(renewed(&document, &results).as_ref(), Some(&document));
        assert_eq!(fs::read_to_string("RESULTS.md").unwrap(), table::markdown(&results));
    }

    #[test]
    fn only_the_text_between_the_markers_is_replaced() {
        let document = format!("before\n{BEGIN}old\n{END}after\n");
        let renewed = renewed(&document, &Results::default()).unwrap();
        assert!(renewed.starts_with("before\n") && renewed.ends_with(&format!("{END}after\n")));
        assert!(renewed.contains("0 of 0 bars are met.") && !renewed.contains("old"));
        assert!(super::renewed("no markers", &Results::default()).is_none());
    }
}
