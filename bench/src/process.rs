//! The CPU time and the memory of processes, as the kernel reports them.

use std::{fs, ops::Sub};

use anyhow::{Context as _, Result};

/// The unit of CPU time of the kernel in microseconds: a hundredth of a second.
const MICROS_PER_TICK: u64 = 10_000;

/// CPU time in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cpu(pub(crate) u64);

impl Sub for Cpu {
    type Output = u64;

    fn sub(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The CPU time of a process without its children.
pub(crate) fn cpu(process: u32) -> Result<Cpu> {
    let stat = Stat::read(process)?;
    Ok(Cpu(stat.own * MICROS_PER_TICK))
}

/// The CPU time of a process and all its children, including ended ones.
pub(crate) fn cpu_of_family(parent: u32) -> Result<Cpu> {
    let mut ticks = 0;
    for entry in fs::read_dir("/proc")? {
        let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // The process may have ended since the listing.
        let Ok(stat) = Stat::read(process) else { continue };
        if process == parent {
            ticks += stat.own + stat.ended;
        } else if stat.parent == parent {
            ticks += stat.own;
        }
    }
    Ok(Cpu(ticks * MICROS_PER_TICK))
}

/// The parent of a process.
pub(crate) fn parent(process: u32) -> Result<u32> {
    Ok(Stat::read(process)?.parent)
}

/// The resident memory of a process at this moment and its peak, in KiB.
pub(crate) fn memory(process: u32) -> Result<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| name.to_owned())?;
        line.split_whitespace().next().context("no number")?.parse::<u64>().context("no number")
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

struct Stat {
    parent: u32,
    own: u64,
    ended: u64,
}

impl Stat {
    fn read(process: u32) -> Result<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{process}/stat"))?).context("/proc/…/stat")
    }

    /// The name of the program, in brackets, may contain anything.
    fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<_> = rest.split_whitespace().collect();
        let ticks = |place: usize| fields.get(place)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: ticks(11)? + ticks(12)?,
            ended: ticks(13)? + ticks(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_parsed_after_a_name_with_brackets() {
        let line = "7 (a ) b) S 3 7 7 0 -1 4194560 100 0 0 0 11 12 13 14 20 0";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.parent, stat.own, stat.ended), (3, 23, 27));
    }
}
