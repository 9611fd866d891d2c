//! `results.svg`: the rate of each scenario as a part of its yardstick, with a line for
//! the bar.

use std::path::Path;

use anyhow::Result;
use plotters::{
    backend::SVGBackend,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{PathElement, Rectangle, Text},
    style::{
        Color as _, FontFamily, RGBColor, TextStyle, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::results::{Against, Line, Results};

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

const WIDTH: i32 = 960;
const LEFT: i32 = 300;
const RIGHT: i32 = 150;
const TOP: i32 = 64;
const ROW: i32 = 26;

const MET: RGBColor = RGBColor(46, 125, 50);
const MISSED: RGBColor = RGBColor(198, 40, 40);
const PLAIN: RGBColor = RGBColor(96, 125, 139);
const INK: RGBColor = RGBColor(33, 33, 33);
const FAINT: RGBColor = RGBColor(224, 224, 224);

/// Draws the chart of all scenarios that have a yardstick.
pub(super) fn draw(results: &Results, file: &Path) -> Result<()> {
    let rows: Vec<(&Line, f64)> =
        results.lines.iter().filter_map(|line| Some((line, line.ratio().or(line.of_pgbench())?))).collect();
    let height = TOP + ROW * i32::try_from(rows.len())? + 24;
    let area = SVGBackend::new(file, (WIDTH.unsigned_abs(), height.unsigned_abs())).into_drawing_area();
    area.fill(&WHITE)?;
    text(&area, "The rate of the server as a part of its yardstick", (16, 20), 21, HPos::Left)?;
    text(&area, "black line: the bar; green: met, red: not met, grey: no bar", (16, 42), 15, HPos::Left)?;
    for percent in (0..=100).step_by(20) {
        let x = at(f64::from(percent) / 100.0);
        area.draw(&PathElement::new(vec![(x, TOP - 4), (x, height - 20)], FAINT))?;
        text(&area, &format!("{percent} %"), (x, height - 8), 13, HPos::Center)?;
    }
    for (place, (line, part)) in rows.iter().enumerate() {
        row(&area, line, *part, TOP + ROW * i32::try_from(place)?)?;
    }
    area.present()?;
    Ok(())
}

fn row(area: &Area<'_>, line: &Line, part: f64, top: i32) -> Result<()> {
    let colour = match line.is_met() {
        Some(true) => MET,
        Some(false) => MISSED,
        None => PLAIN,
    };
    let middle = top + ROW / 2;
    text(area, &line.title, (LEFT - 10, middle), 15, HPos::Right)?;
    area.draw(&Rectangle::new([(at(0.0), top + 4), (at(part), top + ROW - 4)], colour.filled()))?;
    if let Some(bar) = line.bar {
        let x = at(bar.least);
        area.draw(&PathElement::new(vec![(x, top + 1), (x, top + ROW - 1)], INK.stroke_width(2)))?;
    }
    let of = match line.bar.map(|bar| bar.against) {
        Some(Against::Bare) => "of bare",
        Some(Against::Pgbench) | None => "of pgbench",
    };
    text(area, &format!("{:.0} % {of}", part * 100.0), (WIDTH - RIGHT + 40, middle), 14, HPos::Left)
}

/// The horizontal position of a part; at most 105 %.
fn at(part: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "within the width of the chart")]
    let length = (part.clamp(0.0, 1.05) * f64::from(WIDTH - LEFT - RIGHT)).round() as i32;
    LEFT + length
}

fn text(area: &Area<'_>, text: &str, at: (i32, i32), size: i32, from: HPos) -> Result<()> {
    let style = TextStyle::from((FontFamily::SansSerif, size)).pos(Pos::new(from, VPos::Center)).color(&INK);
    area.draw(&Text::new(text.to_owned(), at, style))?;
    Ok(())
}
