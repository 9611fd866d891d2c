/// Defines an enum without fields, with the module that exports it. Each variant has one
/// name, on the wire and in storage. One that may grow is named `module::Name(non_exhaustive)`.
macro_rules! named_enum {
    ($(#[doc = $doc:literal])+ $module:ident::$name:ident (non_exhaustive) $variants:tt) => {
        $crate::named::named_enum!(#[non_exhaustive] $(#[doc = $doc])+ $module::$name $variants);
    };
    ($(#[doc = $doc:literal])+ $module:ident::$name:ident $variants:tt) => {
        $crate::named::named_enum!(
            #[expect(clippy::exhaustive_enums, reason = "its values are the whole of a rule")]
            $(#[doc = $doc])+ $module::$name $variants
        );
    };
    (#[$growth:meta] $(#[doc = $doc:literal])+ $module:ident::$name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)?
    }) => {
        $(#[doc = $doc])+
        #[doc = $crate::named::example!($module $name $($variant $text)+)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[$growth]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            const NAMES: &'static [&'static str] = &[$($text),+];

            /// The name on the wire and in storage.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match $crate::letters::trim(text) {
                    $($text => Ok(Self::$variant),)+
                    "" => Err($crate::values::Invalid::Empty),
                    _ => Err($crate::values::Invalid::NotAllowed(concat!("must be one of" $(, " ", $text)+))),
                }
            }
        }

        $crate::wire::text_on_the_wire!(
            $name,
            $crate::wire::Form::Name { of: stringify!($name), all: Self::NAMES }
                .about($crate::wire::doc_comment!($(#[doc = $doc])+))
        );
    };
}

/// The example of an enum: its first variant is read and written.
#[rustfmt::skip]
macro_rules! example {
    ($module:ident $name:ident $first:ident $text:literal $($rest:tt)*) => {
        concat!(
            "\n\n```\nuse repower_domain::", stringify!($module), "::", stringify!($name), ";\n\n",
            "assert_eq!(\"", $text, "\".parse(), Ok(", stringify!($name), "::", stringify!($first), "));\n",
            "assert_eq!(", stringify!($name), "::", stringify!($first), ".to_string(), \"", $text, "\");\n",
            "// The name of the variant in Rust is not the name on the wire.\n",
            "assert!(\"", stringify!($first), "\".parse::<", stringify!($name), ">().is_err());\n```",
        )
    };
}

pub(crate) use example;
pub(crate) use named_enum;
