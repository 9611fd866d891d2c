use std::{cmp::Ordering, collections::HashSet};

use thiserror::Error;
use typed_builder::TypedBuilder;

use crate::{
    letters::fold,
    named::named_enum,
    values::{Invalid, SkillName},
};

named_enum! {
    /// The level of a skill.
    technicians::SkillLevel {
        /// Is learning it.
        Beginner = "BEGINNER",
        /// Works with help.
        Intermediate = "INTERMEDIATE",
        /// Works alone.
        Advanced = "ADVANCED",
        /// Teaches others.
        Expert = "EXPERT",
    }
}

impl Ord for SkillLevel {
    /// From the beginner to the expert.
    fn cmp(&self, other: &Self) -> Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}

impl PartialOrd for SkillLevel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A skill of a technician.
///
/// ```
/// use repower_domain::technicians::{Skill, SkillLevel};
///
/// let skill = Skill::builder().name("Höhenarbeit".parse()?).level(SkillLevel::Advanced).build();
/// assert_eq!((skill.name.as_str(), skill.folded_name().as_str()), ("Höhenarbeit", "hohenarbeit"));
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Skill {
    /// The name.
    pub name: SkillName,
    /// The level.
    pub level: SkillLevel,
}

/// The skills of a technician, sorted by name: at most 50. Names differ in more
/// than case, accents and white space.
///
/// ```
/// use repower_domain::technicians::{Skill, SkillLevel, SkillSet};
///
/// let torque = Skill::builder().name("Torque".parse()?).level(SkillLevel::Expert).build();
/// let ropes = Skill::builder().name("Ropes".parse()?).level(SkillLevel::Beginner).build();
/// assert!(torque.level > ropes.level);
///
/// let skills = SkillSet::new(vec![torque, ropes])?;
/// assert_eq!(skills.as_slice().first().map(|skill| skill.name.as_str()), Some("Ropes"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Vec<Skill>"))]
pub struct SkillSet(Vec<Skill>);

/// The reason why skills are rejected.
///
/// ```
/// use repower_domain::technicians::{Skill, SkillLevel, SkillSet, SkillSetError};
///
/// let skill = Skill::builder().name("Torque".parse()?).level(SkillLevel::Expert).build();
/// let error = SkillSet::new(vec![skill.clone(), skill.clone(), skill]).unwrap_err();
/// assert_eq!(error, SkillSetError::Duplicates(vec![1, 2]));
/// assert_eq!(error.to_string(), "must not be named twice");
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SkillSetError {
    /// There are more than [`SkillSet::MAX`].
    #[error(transparent)]
    TooMany(Invalid),
    /// Skills whose name occurs before, by their index from 0.
    #[error("must not be named twice")]
    Duplicates(Vec<usize>),
}

impl SkillSet {
    /// The most skills.
    pub const MAX: usize = 50;

    /// The skills, sorted by name.
    ///
    /// # Errors
    ///
    /// [`SkillSetError`] for too many skills or for repeated names.
    pub fn new(mut skills: Vec<Skill>) -> Result<Self, SkillSetError> {
        if skills.len() > Self::MAX {
            return Err(SkillSetError::TooMany(Invalid::TooLong { max: Self::MAX, unit: "entries" }));
        }
        let mut seen = HashSet::new();
        let repeated = skills.iter().map(|skill| !seen.insert(skill.folded_name()));
        let indexes: Vec<_> =
            repeated.enumerate().filter_map(|(index, is_repeated)| is_repeated.then_some(index)).collect();
        if !indexes.is_empty() {
            return Err(SkillSetError::Duplicates(indexes));
        }
        skills.sort_by_cached_key(Skill::folded_name);
        Ok(Self(skills))
    }

    /// The skills, sorted by name.
    pub fn as_slice(&self) -> &[Skill] {
        &self.0
    }
}

impl TryFrom<Vec<Skill>> for SkillSet {
    type Error = SkillSetError;

    fn try_from(skills: Vec<Skill>) -> Result<Self, SkillSetError> {
        Self::new(skills)
    }
}

impl Skill {
    /// The fold of the name, by which names are compared.
    pub fn folded_name(&self) -> String {
        fold(self.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn skill(name: &str) -> Skill {
        Skill { name: name.parse().unwrap(), level: SkillLevel::Advanced }
    }

    #[test]
    fn skills_are_sorted_by_name() {
        let set = SkillSet::new(vec![skill("torque"), skill("Blade repair")]).unwrap();
        let names: Vec<_> = set.as_slice().iter().map(|skill| skill.name.as_str()).collect();
        assert_eq!(names, ["Blade repair", "torque"]);
    }

    #[test]
    fn the_later_of_two_equal_names_is_rejected() {
        let skills = vec![skill("Ærø"), skill("Torque"), skill("ÆRØ"), skill("torque")];
        assert_eq!(SkillSet::new(skills), Err(SkillSetError::Duplicates(vec![2, 3])));
    }

    #[test]
    fn names_that_differ_in_accents_or_composition_are_equal() {
        let skills =
            vec![skill("Café"), skill("Cafe\u{301}"), skill("CAFE"), skill("Cafe\u{a0} bar"), skill("cafe bar")];
        assert_eq!(SkillSet::new(skills), Err(SkillSetError::Duplicates(vec![1, 2, 4])));
    }

    #[test]
    fn from_none_to_fifty_skills_are_accepted() {
        let skills = |number| (0..number).map(|n| skill(&format!("skill {n}"))).collect();
        assert!(SkillSet::new(skills(0)).is_ok());
        assert!(SkillSet::new(skills(50)).is_ok());
        assert!(matches!(SkillSet::new(skills(51)), Err(SkillSetError::TooMany(_))));
    }

    proptest! {
        #[test]
        fn a_set_has_each_name_once_in_order_and_is_accepted_again(names in prop::collection::vec("[aAbBøØ]{1,3}", 0..60)) {
            let folded: HashSet<_> = names.iter().map(|name| fold(name)).collect();
            let is_set = names.len() <= SkillSet::MAX && folded.len() == names.len();
            let set = SkillSet::new(names.iter().map(|name| skill(name)).collect());
            prop_assert_eq!(set.is_ok(), is_set);
            if let Ok(set) = set {
                prop_assert!(set.as_slice().is_sorted_by_key(Skill::folded_name));
                prop_assert_eq!(set.as_slice().len(), names.len());
                prop_assert_eq!(SkillSet::try_from(set.as_slice().to_vec()), Ok(set));
            }
        }
    }
}
