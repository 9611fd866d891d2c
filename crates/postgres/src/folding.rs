//! Folds the texts of the rows from before there was a fold, as a part of the migration
//! that adds a column for it.

use diesel::prelude::*;
use repower_domain::{
    ids::TechnicianId,
    letters,
    technicians::{Skill, SkillLevel, SkillSet},
};
use uuid::Uuid;

use crate::{
    schema::{certifications, companies, jobs, skills, technicians, users},
    searchable,
    technicians::NewSkillRow,
};

/// How many rows are in memory at once.
const BATCH: i64 = 500;

/// Folds a batch, which follows a row, and returns its last row.
pub(crate) type FoldBatch = fn(&mut PgConnection, Uuid) -> QueryResult<Option<Uuid>>;

/// The tables whose texts a migration of this version has folded.
pub(crate) fn tables_of(version: &str) -> &'static [FoldBatch] {
    match version {
        "00000000000024" => &[fold_users, fold_technicians, fold_certifications, fold_jobs],
        "00000000000026" => &[fold_companies],
        "00000000000037" => &[fold_providers],
        _ => &[],
    }
}

/// Folds the texts of all rows of tables.
pub(crate) fn fold_rows(connection: &mut PgConnection, tables: &[FoldBatch]) -> QueryResult<()> {
    for fold_batch in tables {
        let mut last = Some(Uuid::nil());
        while let Some(after) = last {
            last = fold_batch(connection, after)?;
        }
    }
    Ok(())
}

/// Loads columns of the next rows of a table.
macro_rules! next {
    ($connection:ident, $table:ident, $after:ident, $columns:expr) => {
        $table::table.filter($table::id.gt($after)).order($table::id).limit(BATCH).select($columns).load($connection)
    };
}

fn fold_users(connection: &mut PgConnection, after: Uuid) -> QueryResult<Option<Uuid>> {
    let rows: Vec<(Uuid, String)> = next!(connection, users, after, (users::id, users::email))?;
    for (id, email) in &rows {
        let folded = users::search_email.eq(letters::searchable(email));
        diesel::update(users::table.find(id)).set(folded).execute(connection)?;
    }
    Ok(rows.last().map(|(id, _)| *id))
}

fn fold_technicians(connection: &mut PgConnection, after: Uuid) -> QueryResult<Option<Uuid>> {
    let columns = (technicians::id, technicians::full_name, technicians::bio);
    let rows: Vec<(Uuid, String, Option<String>)> = next!(connection, technicians, after, columns)?;
    for (id, name, bio) in &rows {
        let names = fold_skills(connection, *id)?;
        let texts = searchable::lines([name, bio.as_deref().unwrap_or("")]);
        let folded = technicians::search_text.eq(searchable::parts(&texts, &names));
        diesel::update(technicians::table.find(id)).set(folded).execute(connection)?;
    }
    Ok(rows.last().map(|(id, ..)| *id))
}

/// Folds the names of a technician's skills anew, and returns the searchable text of all.
/// Of those that now have one name the one with the highest level stays.
fn fold_skills(connection: &mut PgConnection, technician: Uuid) -> QueryResult<String> {
    let of_technician = skills::table.filter(skills::technician_id.eq(technician));
    let columns = (skills::folded_name, skills::name, skills::level);
    let stored: Vec<(String, String, String)> =
        of_technician.order(skills::folded_name).select(columns).load(connection)?;
    let mut kept: Vec<Skill> = Vec::with_capacity(stored.len());
    let mut is_changed = false;
    for (folded_name, name, level) in stored {
        // No statement of the program has written another one.
        let (Ok(name), Ok(level)) = (name.parse(), level.parse()) else { return Ok(String::new()) };
        let skill = Skill::builder().name(name).level(level).build();
        let folded = skill.folded_name();
        is_changed |= folded != folded_name;
        match kept.iter_mut().find(|other| other.folded_name() == folded) {
            Some(other) if rank(&skill) > rank(other) => *other = skill,
            Some(_) => {}
            None => kept.push(skill),
        }
    }
    if is_changed {
        diesel::delete(of_technician).execute(connection)?;
        let rows: Vec<_> = kept.iter().map(|skill| NewSkillRow::new(TechnicianId::from(technician), skill)).collect();
        diesel::insert_into(skills::table).values(rows).execute(connection)?;
    }
    Ok(SkillSet::new(kept).map(|set| searchable::skills(&set)).unwrap_or_default())
}

/// The place of a skill's level among all.
fn rank(skill: &Skill) -> Option<usize> {
    SkillLevel::ALL.iter().position(|level| *level == skill.level)
}

fn fold_certifications(connection: &mut PgConnection, after: Uuid) -> QueryResult<Option<Uuid>> {
    let columns = (certifications::id, certifications::name);
    let rows: Vec<(Uuid, String)> = next!(connection, certifications, after, columns)?;
    for (id, name) in &rows {
        let folded = certifications::search_name.eq(letters::searchable(name));
        diesel::update(certifications::table.find(id)).set(folded).execute(connection)?;
    }
    Ok(rows.last().map(|(id, _)| *id))
}

fn fold_jobs(connection: &mut PgConnection, after: Uuid) -> QueryResult<Option<Uuid>> {
    type JobTexts = (Uuid, String, String, String, Option<String>);
    let columns = (jobs::id, jobs::title, jobs::description, jobs::location, jobs::project_name);
    let rows: Vec<JobTexts> = next!(connection, jobs, after, columns)?;
    for (id, title, description, location, project) in &rows {
        let texts = searchable::lines([title, description, location, project.as_deref().unwrap_or("")]);
        let folded = (jobs::search_text.eq(texts), jobs::search_location.eq(letters::searchable(location)));
        diesel::update(jobs::table.find(id)).set(folded).execute(connection)?;
    }
    Ok(rows.last().map(|(id, ..)| *id))
}

fn fold_companies(connection: &mut PgConnection, after: Uuid) -> QueryResult<Option<Uuid>> {
    let rows: Vec<(Uuid, String)> = next!(connection, companies, after, (companies::id, companies::name))?;
    for (id, name) in &rows {
        let folded = companies::search_name.eq(searchable::lines([name]));
        diesel::update(companies::table.find(id)).set(folded).execute(connection)?;
    }
    Ok(rows.last().map(|(id, _)| *id))
}

fn fold_providers(connection: &mut PgConnection, after: Uuid) -> QueryResult<Option<Uuid>> {
    let columns = (certifications::id, certifications::provider);
    let rows: Vec<(Uuid, String)> = next!(connection, certifications, after, columns)?;
    for (id, provider) in &rows {
        let folded = certifications::search_provider.eq(letters::searchable(provider));
        diesel::update(certifications::table.find(id)).set(folded).execute(connection)?;
    }
    Ok(rows.last().map(|(id, _)| *id))
}
