//! One row for each number, with what it is compared to and what was aimed at.

/// One measurement.
#[derive(Debug)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// The number with its unit.
    pub ours: String,
    /// What it is compared to, in the same run.
    pub beside: String,
    /// How it stands to that.
    pub ratio: String,
    /// What was aimed at; empty where a number is for information.
    pub aim: String,
    /// Whether the aim is met.
    pub met: Option<bool>,
}

impl Row {
    /// A number with nothing beside it.
    pub fn new(what: impl Into<String>, ours: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            ours: ours.into(),
            beside: String::new(),
            ratio: String::new(),
            aim: String::new(),
            met: None,
        }
    }

    /// The comparison.
    pub fn beside(mut self, beside: impl Into<String>, ratio: f64) -> Self {
        self.beside = beside.into();
        self.ratio = format!("{ratio:.2}");
        self
    }

    /// The aim, and whether it is met.
    pub fn aim(mut self, aim: impl Into<String>, met: bool) -> Self {
        self.aim = aim.into();
        self.met = Some(met);
        self
    }
}

/// The table as text.
pub fn render(rows: &[Row]) -> String {
    let met = |row: &Row| match row.met {
        Some(true) => "met",
        Some(false) => "NOT MET",
        None => "",
    };
    let mut cells = vec![["", "measured", "beside", "ratio", "aim", ""].map(str::to_owned)];
    cells
        .extend(rows.iter().map(|row| {
            [&row.what, &row.ours, &row.beside, &row.ratio, &row.aim, met(row)].map(|cell| cell.to_owned())
        }));
    let mut widths = [0; 6];
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let lines: Vec<String> = cells
        .iter()
        .map(|row| {
            let padded: Vec<String> = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            padded.join("  ").trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}
