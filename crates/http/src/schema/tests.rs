use repower_domain::{
    values::{Amount, CalendarDate, SkillName, Title},
    wire::ToWire,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use validator::Validate;

use super::{RequestSchema, ResponseSchema, Schemas};
use crate::{
    code::FieldCode,
    input::{Change, Clearable, Defaulted, Items, NotAllowed, Optional, Required, read, read_json},
};

/// A thing,
/// in two lines.
#[derive(Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
struct ThingView {
    /// Its title.
    title: Title,
    lowest_price: Option<Amount>,
    seen: u32,
}

/// A thing and its owner.
#[derive(Serialize, ResponseSchema)]
struct OwnThingView {
    #[serde(flatten)]
    thing: ThingView,
    is_own: bool,
}

/// A body.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
struct ThingBody {
    title: Required<Title>,
    note: Optional<SkillName>,
    price: Defaulted<Amount>,
    first_day: Change<CalendarDate>,
    last_day: Clearable<CalendarDate>,
    parts: Items<PartBody, 3>,
    secret: NotAllowed,
}

/// A part.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[validate(nest_all_fields)]
#[schema(name = "Part")]
struct PartBody {
    name: Required<SkillName>,
}

/// The named schemas that one refers to.
fn schemas<T>(describe: impl FnOnce(&mut Schemas) -> T) -> Value {
    let mut schemas = Schemas::default();
    describe(&mut schemas);
    serde_json::to_value(schemas.into_components()).unwrap()["schemas"].take()
}

#[test]
fn a_view_is_described_by_its_comments_and_the_bounds_of_its_values() {
    let amount = json!({"type": ["integer", "null"], "description": Amount::WRITTEN.about,
        "minimum": Amount::MIN, "maximum": Amount::MAX});
    let expected = json!({
        "type": "object",
        "description": "A thing, in two lines.",
        "required": ["title", "lowestPrice", "seen"],
        "properties": {
            "title": {"type": "string", "description": "Its title.", "minLength": 1, "maxLength": Title::MAX},
            "lowestPrice": amount,
            "seen": {"type": "integer", "minimum": 0},
        },
    });
    assert_eq!(schemas(ThingView::schema)["Thing"], expected);
}

#[test]
fn the_fields_of_a_flattened_view_are_those_of_the_outer_one() {
    let described = &schemas(OwnThingView::schema)["OwnThing"];
    let thing = ThingView { title: "Blade".parse().unwrap(), lowest_price: None, seen: 2 };
    let written = serde_json::to_value(OwnThingView { thing, is_own: true }).unwrap();
    let required: Vec<_> =
        described["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(required, ["title", "lowestPrice", "seen", "isOwn"]);
    assert_eq!(written, json!({"title": "Blade", "lowestPrice": null, "seen": 2, "is_own": true}));
}

#[test]
fn a_body_says_what_is_required_and_what_may_be_null_and_is_closed() {
    let described = schemas(ThingBody::body);
    let thing = &described["ThingBody"];
    assert_eq!(thing["required"], json!(["title", "parts"]));
    assert_eq!(thing["additionalProperties"], false);
    let names: Vec<_> = thing["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["title", "note", "price", "firstDay", "lastDay", "parts"]);
    let properties = &thing["properties"];
    assert_eq!(properties["note"]["type"], json!(["string", "null"]));
    assert_eq!(properties["price"]["type"], "integer");
    let form = |name: &str| (&properties[name]["type"], &properties[name]["format"]);
    assert_eq!(form("firstDay"), (&json!("string"), &json!("date")));
    assert_eq!(form("lastDay"), (&json!(["string", "null"]), &json!("date")));
    let parts = json!({"type": "array", "items": {"$ref": "#/components/schemas/Part"}, "maxItems": 3});
    assert_eq!(properties["parts"], parts);
    assert_eq!(described["Part"]["additionalProperties"], false);
}

#[test]
fn the_required_fields_of_a_body_are_those_that_an_empty_one_lacks() {
    let mut schemas = Schemas::default();
    let required = ThingBody::properties(&mut schemas).into_iter().filter(|property| property.is_required);
    let missing = read::<ThingBody>(&read_json(b"{}").unwrap()).unwrap_err();
    assert!(missing.iter().all(|error| error.code == FieldCode::Required));
    assert_eq!(
        required.map(|property| property.name).collect::<Vec<_>>(),
        missing.into_iter().map(|error| error.field).collect::<Vec<_>>()
    );
}
