//! A medicine as it looks: its form, in its colour. Decoration beside the name, so hidden from readers.

use doseline_shared::record::{Colour, Form, Look};
use leptos::prelude::*;

use crate::words::t;

/// All forms, in the order they are offered.
pub const FORMS: [Form; 8] = [
    Form::Tablet,
    Form::Capsule,
    Form::Liquid,
    Form::Drops,
    Form::Injection,
    Form::Inhaler,
    Form::Cream,
    Form::Other,
];

/// All colours, in the order they are offered.
pub const COLOURS: [Colour; 8] = [
    Colour::White,
    Colour::Yellow,
    Colour::Orange,
    Colour::Red,
    Colour::Pink,
    Colour::Blue,
    Colour::Green,
    Colour::Brown,
];

/// The drawing in its little tray.
pub fn pill(look: Look) -> AnyView {
    let class = format!("pill tint-{}", colour_name(look.colour));
    view! {
        <span class=class aria-hidden="true">
            <svg viewBox="0 0 48 48" focusable="false">{parts(look.form)}</svg>
        </span>
    }
    .into_any()
}

/// Two paths: what takes the colour, and what is drawn over it in line or in white.
fn parts(form: Form) -> AnyView {
    let (tint, plain, line) = match form {
        Form::Tablet => ("M24 8a16 16 0 1 1 0 32 16 16 0 0 1 0-32z", "", "M15.500 32.500l17-17"),
        Form::Capsule => (
            "M8.700 39.300a9.400 9.400 0 0 1 0-13.300l8.700-8.600 13.200 13.200-8.600 8.700a9.400 9.400 0 0 1-13.300 0z",
            "M17.400 17.400L26 8.700A9.400 9.400 0 1 1 39.300 22l-8.700 8.600z",
            "M13.500 27.500l4-4",
        ),
        Form::Liquid => (
            "M13 27h22v11a3 3 0 0 1-3 3H16a3 3 0 0 1-3-3z",
            "M19 6h10v7l4 4.500a8 8 0 0 1 2 5.500v4H13v-4a8 8 0 0 1 2-5.500l4-4.500z",
            "M18 10.500h12",
        ),
        Form::Drops => (
            "M24 6s12 13.600 12 22.400A12 12 0 0 1 24 41a12 12 0 0 1-12-12.600C12 19.600 24 6 24 6z",
            "",
            "M18 29.500a6.500 6.500 0 0 0 5.500 6",
        ),
        Form::Injection => (
            "M15.500 23.500l9 9-7.500 4.500-6-6z",
            "M24.500 14.500l9 9-9 9-9-9z",
            "M9 39l6-6M29 10l9 9M33.500 14.500l4.500-4.500M22.500 22.500l3 3",
        ),
        Form::Inhaler => (
            "M14 24h18v12a4 4 0 0 1-4 4h-9l-5-6z",
            "M17 8h12a2 2 0 0 1 2 2v14H15V10a2 2 0 0 1 2-2z",
            "M32 29h5v6h-5",
        ),
        Form::Cream => (
            "M12 18h24l-3 20a3 3 0 0 1-3 2.500H18a3 3 0 0 1-3-2.500z",
            "M17 8h14a2 2 0 0 1 2 2v8H15v-8a2 2 0 0 1 2-2z",
            "M18 28h12",
        ),
        Form::Other => (
            "M11 17h26v20a3 3 0 0 1-3 3H14a3 3 0 0 1-3-3z",
            "M13 8h22a2 2 0 0 1 2 2v7H11v-7a2 2 0 0 1 2-2z",
            "M24 23v11M18.500 28.500h11",
        ),
    };
    view! {
        <path class="tint" d=tint/>
        <path class="plain" d=plain/>
        <path class="line" d=line/>
    }
    .into_any()
}

/// Its name for classes and test ids.
pub const fn form_name(form: Form) -> &'static str {
    match form {
        Form::Tablet => "tablet",
        Form::Capsule => "capsule",
        Form::Liquid => "liquid",
        Form::Injection => "injection",
        Form::Cream => "cream",
        Form::Drops => "drops",
        Form::Inhaler => "inhaler",
        Form::Other => "other",
    }
}

/// The form in words.
pub fn form_words(form: Form) -> String {
    match form {
        Form::Tablet => t("form-tablet"),
        Form::Capsule => t("form-capsule"),
        Form::Liquid => t("form-liquid"),
        Form::Injection => t("form-injection"),
        Form::Cream => t("form-cream"),
        Form::Drops => t("form-drops"),
        Form::Inhaler => t("form-inhaler"),
        Form::Other => t("form-other"),
    }
}

/// Its name for classes and test ids.
pub const fn colour_name(colour: Colour) -> &'static str {
    match colour {
        Colour::White => "white",
        Colour::Yellow => "yellow",
        Colour::Orange => "orange",
        Colour::Red => "red",
        Colour::Pink => "pink",
        Colour::Blue => "blue",
        Colour::Green => "green",
        Colour::Brown => "brown",
    }
}

/// The colour in words.
pub fn colour_words(colour: Colour) -> String {
    match colour {
        Colour::White => t("colour-white"),
        Colour::Yellow => t("colour-yellow"),
        Colour::Orange => t("colour-orange"),
        Colour::Red => t("colour-red"),
        Colour::Pink => t("colour-pink"),
        Colour::Blue => t("colour-blue"),
        Colour::Green => t("colour-green"),
        Colour::Brown => t("colour-brown"),
    }
}
