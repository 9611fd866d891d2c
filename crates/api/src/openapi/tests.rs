use repower_domain::values::{Amount, CalendarDate, SkillName, Title};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use validator::Validate;

use super::{Fields, Flat, Object, Schemas, Shown, body, object};
use crate::{
    accounts::dto::{AcceptInvitationBody, ChangePasswordBody, LogInBody, RegisterCompanyBody, RegisterTechnicianBody},
    admin::dto::{CloseJobBody, SetActiveBody},
    applications::dto::{ApplyBody, MoveApplicationBody},
    chat::dto::{MarkReadBody, OpenThreadWithCompanyBody, OpenThreadWithTechnicianBody, SendMessageBody},
    companies::{
        dto::EditCompanyBody,
        team::{ChangeRoleBody, InviteBody},
    },
    described,
    http::{
        FieldCode,
        input::{Change, Clearable, Defaulted, Input, Items, NotTaken, Optional, Required, read_json},
    },
    jobs::dto::{EditJobBody, MoveJobBody, PostJobBody},
    technicians::{
        candidates::EvaluateBody,
        dto::{AddCertificationBody, EditTechnicianBody, ReplaceSkillsBody},
    },
};

described! {
    "Thing",
    /// A thing,
    /// in two lines.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct ThingView {
        /// What it is called.
        title: Shown<Title>,
        lowest_price: Option<Shown<Amount>>,
        seen: u32,
    }
}

described! {
    "OwnThing",
    /// A thing and whether it is one's own.
    #[derive(Serialize)]
    struct OwnThingView {
        #[serde(flatten)]
        thing: Flat<ThingView>,
        own: bool,
    }
}

described! {
    "ThingBody",
    /// What is sent.
    #[derive(Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    struct ThingBody {
        title: Required<Title>,
        note: Optional<SkillName>,
        price: Defaulted<Amount>,
        first_day: Change<CalendarDate>,
        last_day: Clearable<CalendarDate>,
        parts: Items<PartBody, 3>,
        secret: NotTaken,
    }
}

described! {
    "PartBody",
    /// A part.
    #[derive(Deserialize, Validate)]
    #[validate(nest_all_fields)]
    struct PartBody {
        name: Required<SkillName>,
    }
}

/// The schemas that come of one, by their names.
fn schemas(describe: impl FnOnce(&mut Schemas)) -> Value {
    let mut schemas = Schemas::default();
    describe(&mut schemas);
    serde_json::to_value(schemas.into_components()).unwrap()["schemas"].take()
}

#[test]
fn a_struct_is_described_by_its_comments_and_the_limits_of_its_values() {
    let told = schemas(|schemas| drop(object::<ThingView>(schemas)));
    let amount = json!({"type": ["integer", "null"], "description": "Whole units of the currency beside it.",
        "minimum": Amount::MIN, "maximum": Amount::MAX});
    let expected = json!({
        "type": "object",
        "description": "A thing, in two lines.",
        "required": ["title", "lowestPrice", "seen"],
        "properties": {
            "title": {"type": "string", "description": "What it is called.", "minLength": 1, "maxLength": Title::MAX},
            "lowestPrice": amount,
            "seen": {"type": "integer", "minimum": 0},
        },
    });
    assert_eq!(told["Thing"], expected);
}

#[test]
fn flattened_fields_stand_among_the_others() {
    let told = schemas(|schemas| drop(object::<OwnThingView>(schemas)));
    assert_eq!(told["OwnThing"]["required"], json!(["title", "lowestPrice", "seen", "own"]));
    let thing = ThingView { title: Shown("Blade".parse().unwrap()), lowest_price: None, seen: 2 };
    let written = serde_json::to_value(OwnThingView { thing: Flat(thing), own: true }).unwrap();
    assert_eq!(written, json!({"title": "Blade", "lowestPrice": null, "seen": 2, "own": true}));
}

#[test]
fn a_body_tells_what_must_be_there_what_may_be_null_and_takes_nothing_else() {
    let told = schemas(|schemas| drop(body::<ThingBody>(schemas)));
    let thing = &told["ThingBody"];
    assert_eq!(thing["required"], json!(["title", "parts"]));
    assert_eq!(thing["additionalProperties"], false);
    let names: Vec<_> = thing["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["title", "note", "price", "firstDay", "lastDay", "parts"]);
    let properties = &thing["properties"];
    assert_eq!(properties["note"]["type"], json!(["string", "null"]));
    assert_eq!(properties["price"]["type"], "integer");
    let may_be_null = |name: &str| properties[name]["anyOf"].as_array().unwrap().contains(&json!({"type": "null"}));
    assert_eq!((may_be_null("firstDay"), may_be_null("lastDay")), (false, true));
    let parts = json!({"type": "array", "items": {"$ref": "#/components/schemas/PartBody"}, "maxItems": 3});
    assert_eq!(properties["parts"], parts);
    assert_eq!(told["PartBody"]["additionalProperties"], false);
}

/// What the document says must be there is what is missed in an empty body.
fn is_told_as_it_is_read<T: Object + Input>() {
    let mut schemas = Schemas::default();
    let told = Fields::of::<T>(&mut schemas).into_iter().filter(|property| property.is_required);
    let told: Vec<_> = told.map(|property| property.name).collect();
    let read = read_json(b"{}").unwrap().read::<T>().err().unwrap_or_default();
    let missed = read.into_iter().filter(|error| error.code == FieldCode::Required).map(|error| error.field);
    assert_eq!(told, missed.collect::<Vec<_>>(), "{}", T::NAME);
}

#[test]
fn what_a_body_must_have_is_what_is_missed_where_it_is_empty() {
    is_told_as_it_is_read::<RegisterTechnicianBody>();
    is_told_as_it_is_read::<RegisterCompanyBody>();
    is_told_as_it_is_read::<LogInBody>();
    is_told_as_it_is_read::<AcceptInvitationBody>();
    is_told_as_it_is_read::<ChangePasswordBody>();
    is_told_as_it_is_read::<EditTechnicianBody>();
    is_told_as_it_is_read::<AddCertificationBody>();
    is_told_as_it_is_read::<ReplaceSkillsBody>();
    is_told_as_it_is_read::<EvaluateBody>();
    is_told_as_it_is_read::<EditCompanyBody>();
    is_told_as_it_is_read::<InviteBody>();
    is_told_as_it_is_read::<ChangeRoleBody>();
    is_told_as_it_is_read::<PostJobBody>();
    is_told_as_it_is_read::<EditJobBody>();
    is_told_as_it_is_read::<MoveJobBody>();
    is_told_as_it_is_read::<ApplyBody>();
    is_told_as_it_is_read::<MoveApplicationBody>();
    is_told_as_it_is_read::<OpenThreadWithCompanyBody>();
    is_told_as_it_is_read::<OpenThreadWithTechnicianBody>();
    is_told_as_it_is_read::<SendMessageBody>();
    is_told_as_it_is_read::<MarkReadBody>();
    is_told_as_it_is_read::<SetActiveBody>();
    is_told_as_it_is_read::<CloseJobBody>();
    is_told_as_it_is_read::<ThingBody>();
}
