//! Writes pages as a PDF, with the tree of tags by which it is read aloud.

use std::num::NonZeroU16;

use doseline_shared::api::report::Document;
use krilla::{
    SerializeSettings,
    color::rgb,
    geom::{PathBuilder, Point, Rect},
    metadata::{Metadata, TextDirection},
    num::NormalizedF32,
    page::PageSettings,
    paint::Fill as Paint,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree},
};

use crate::{
    PdfError,
    font::Fonts,
    page::{Fill, HEIGHT, Page, Role, Text, WIDTH},
};

/// The file.
pub fn file(document: &Document, fonts: &Fonts, pages: &[Page]) -> Result<Vec<u8>, PdfError> {
    let mut pdf = krilla::Document::new_with(SerializeSettings {
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    let mut tags = Tags::default();
    for page in pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 has a width and a height");
        let mut sheet = pdf.start_page_with(size);
        let mut surface = sheet.surface();
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        for fill in &page.fills {
            draw_fill(&mut surface, fill);
        }
        surface.end_tagged();
        for text in &page.texts {
            let tag = match text.role {
                Role::Furniture => ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther)),
                Role::Title | Role::Heading(_) | Role::Text(_) | Role::Head(..) | Role::Cell(..) => {
                    ContentTag::Span(SpanTag::empty())
                }
            };
            let identifier = surface.start_tagged(tag);
            draw_text(&mut surface, fonts, text);
            surface.end_tagged();
            tags.add(text.role, identifier);
        }
        surface.finish();
        sheet.finish();
    }
    pdf.set_metadata(
        Metadata::new()
            .title(format!("{} – {}", document.title, document.name))
            .language(document.locale.clone())
            .creator("Doseline".to_owned())
            .text_direction(TextDirection::LeftToRight),
    );
    pdf.set_tag_tree(tags.tree());
    pdf.finish().map_err(|error| PdfError::Failed(error.to_string()))
}

fn draw_fill(surface: &mut Surface<'_>, fill: &Fill) {
    let Some(rect) = Rect::from_xywh(fill.x, fill.y, fill.width, fill.height) else {
        return;
    };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    if let Some(path) = path.finish() {
        surface.set_fill(Some(paint(fill.colour)));
        surface.draw_path(&path);
    }
}

fn draw_text(surface: &mut Surface<'_>, fonts: &Fonts, text: &Text) {
    surface.set_fill(Some(paint(text.style.colour)));
    let mut x = text.x;
    for span in &text.line.spans {
        if let Some(font) = fonts.font(span.which) {
            let start = Point::from_xy(x, text.baseline);
            surface.draw_glyphs(start, &span.glyphs, font.clone(), &span.text, text.style.size, false);
        }
        x += span.width * text.style.size;
    }
}

fn paint([red, green, blue]: [u8; 3]) -> Paint {
    Paint {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: krilla::paint::FillRule::NonZero,
    }
}

/// The tree, as it grows by one text after the other.
#[derive(Default)]
struct Tags {
    done: Vec<TagGroup>,
    /// The role of the text before, and what its parts are put into.
    open: Option<(Role, Open)>,
}

enum Open {
    Plain(TagGroup),
    Table {
        table: TagGroup,
        row: TagGroup,
        cell: TagGroup,
    },
}

impl Tags {
    fn add(&mut self, role: Role, identifier: Identifier) {
        if role == Role::Furniture {
            return;
        }
        self.open = Some(match self.open.take() {
            Some((before, Open::Plain(mut group))) if before == role => {
                group.push(identifier);
                (role, Open::Plain(group))
            }
            Some((
                before,
                Open::Table {
                    mut table,
                    mut row,
                    mut cell,
                },
            )) if same_table(before, role) => {
                if before != role {
                    row.push(std::mem::replace(&mut cell, fresh(role)));
                    if !same_row(before, role) {
                        table.push(std::mem::replace(&mut row, TagGroup::new(Tag::TR)));
                    }
                }
                cell.push(identifier);
                (role, Open::Table { table, row, cell })
            }
            before => {
                self.done.extend(before.map(|(_, open)| open.closed()));
                let mut cell = fresh(role);
                cell.push(identifier);
                let open = match role {
                    Role::Furniture | Role::Title | Role::Heading(_) | Role::Text(_) => Open::Plain(cell),
                    Role::Head(..) | Role::Cell(..) => Open::Table {
                        table: TagGroup::new(Tag::Table),
                        row: TagGroup::new(Tag::TR),
                        cell,
                    },
                };
                (role, open)
            }
        });
    }

    fn tree(mut self) -> TagTree {
        self.done.extend(self.open.take().map(|(_, open)| open.closed()));
        let mut tree = TagTree::new();
        for group in self.done {
            tree.push(group);
        }
        tree
    }
}

impl Open {
    fn closed(self) -> TagGroup {
        match self {
            Self::Plain(group) => group,
            Self::Table {
                mut table,
                mut row,
                cell,
            } => {
                row.push(cell);
                table.push(row);
                table
            }
        }
    }
}

/// The group of a text.
fn fresh(role: Role) -> TagGroup {
    let level = |level| Tag::Hn(NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN), None);
    match role {
        Role::Title => TagGroup::new(level(1)),
        Role::Heading(_) => TagGroup::new(level(2)),
        Role::Furniture | Role::Text(_) => TagGroup::new(Tag::P),
        Role::Head(..) => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Role::Cell(..) => TagGroup::new(Tag::TD),
    }
}

/// The block, and the row where it is no head, of a text in a table.
fn in_table(role: Role) -> Option<(usize, Option<usize>)> {
    match role {
        Role::Head(block, _) => Some((block, None)),
        Role::Cell(block, row, _) => Some((block, Some(row))),
        Role::Furniture | Role::Title | Role::Heading(_) | Role::Text(_) => None,
    }
}

fn same_table(one: Role, other: Role) -> bool {
    match (in_table(one), in_table(other)) {
        (Some((one, _)), Some((other, _))) => one == other,
        _ => false,
    }
}

fn same_row(one: Role, other: Role) -> bool {
    in_table(one) == in_table(other)
}
