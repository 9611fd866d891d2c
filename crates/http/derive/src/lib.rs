//! Derives the schemas of response views and request bodies: their fields, and
//! the documentation comments of the struct and its fields.
//!
//! Field names are camelCase, as `#[serde(rename_all = "camelCase")]` has them. A
//! view named `JobView` has the schema `Job`; the schema of a body has the name of the struct.
//! `#[schema(name = "…")]` sets another name.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{
    Attribute, Data, DataStruct, DeriveInput, Expr, ExprLit, Field, Fields, GenericArgument, Lit, LitStr, Meta,
    PathArguments, Type, parse_macro_input,
};

/// Derives `ResponseObject` for a struct of a response. A field with
/// `#[serde(flatten)]` contributes its own fields; one with `skip_serializing_if` is an
/// `Option` that is absent without a value.
#[proc_macro_derive(ResponseSchema, attributes(schema))]
pub fn response_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let derived = derive(&input, Some("View"), &quote!(ResponseObject), &quote!(ResponseFields), response_field);
    derived.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Derives `RequestSchema` for a struct of a body or of query parameters.
#[proc_macro_derive(RequestSchema, attributes(schema))]
pub fn request_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let derived =
        derive(&input, None, &quote!(RequestSchema), &quote!(RequestFields), |field| Ok(request_field(field)));
    derived.unwrap_or_else(|error| error.to_compile_error()).into()
}

fn derive(
    input: &DeriveInput,
    suffix: Option<&str>,
    object: &Tokens,
    fields: &Tokens,
    field: fn(&Field) -> syn::Result<Tokens>,
) -> syn::Result<Tokens> {
    let Data::Struct(DataStruct { fields: Fields::Named(named), .. }) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "only a struct with named fields has a schema"));
    };
    let ident = &input.ident;
    let own = ident.to_string();
    let default = suffix.and_then(|suffix| own.strip_suffix(suffix)).unwrap_or(&own).to_owned();
    let name = explicit_name(&input.attrs)?.unwrap_or(default);
    let about = comment(&input.attrs);
    let each = named.named.iter().map(field).collect::<syn::Result<Vec<_>>>()?;
    let (parameters, types, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        impl #parameters ::repower_http::schema::#object for #ident #types #bounds {
            const NAME: &'static str = #name;
            const ABOUT: &'static str = #about;

            fn fields(fields: &mut ::repower_http::schema::#fields<'_>) {
                #(#each)*
            }
        }
    })
}

fn response_field(field: &Field) -> syn::Result<Tokens> {
    let kind = &field.ty;
    if has_option(&field.attrs, "flatten")? {
        return Ok(quote!(fields.flatten::<#kind>();));
    }
    let (name, about) = (wire_name(field), comment(&field.attrs));
    if has_option(&field.attrs, "skip_serializing_if")? {
        let inner = content(kind)?;
        return Ok(quote!(fields.add_optional::<#inner, _>(#name, #about);));
    }
    Ok(quote!(fields.add::<#kind, _>(#name, #about);))
}

fn request_field(field: &Field) -> Tokens {
    let (kind, name, about) = (&field.ty, wire_name(field), comment(&field.attrs));
    quote!(<#kind as ::repower_http::schema::RequestField>::describe(fields, #name, #about);)
}

/// The name of the schema, if the struct sets one.
fn explicit_name(attributes: &[Attribute]) -> syn::Result<Option<String>> {
    let mut name = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("schema")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("name") {
                return Err(meta.error("expected `name`"));
            }
            name = Some(meta.value()?.parse::<LitStr>()?.value());
            Ok(())
        })?;
    }
    Ok(name)
}

/// The type in an `Option`.
fn content(kind: &Type) -> syn::Result<&Type> {
    let last = if let Type::Path(path) = kind { path.path.segments.last() } else { None };
    match last.map(|segment| (segment.ident == "Option", &segment.arguments)) {
        Some((true, PathArguments::AngleBracketed(arguments))) => match arguments.args.first() {
            Some(GenericArgument::Type(inner)) => Ok(inner),
            _ => Err(syn::Error::new_spanned(kind, "expected a type")),
        },
        _ => Err(syn::Error::new_spanned(kind, "only an `Option` may be absent")),
    }
}

/// Whether a field has this option of serde.
fn has_option(attributes: &[Attribute], option: &str) -> syn::Result<bool> {
    let mut has_option = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        attribute.parse_nested_meta(|meta| {
            has_option |= meta.path.is_ident(option);
            // The derive ignores the values of other options.
            if let Ok(value) = meta.value() {
                value.parse::<Expr>()?;
            }
            Ok(())
        })?;
    }
    Ok(has_option)
}

/// The documentation comment in one line.
fn comment(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => Some(line.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// `day_rate_from` is `dayRateFrom` on the wire.
fn wire_name(field: &Field) -> String {
    let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
}
