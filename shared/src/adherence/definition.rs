//! What each measure is, in words: text of the API, so that no figure travels without its definition.

/// A measure of adherence, with the parameters that a figure was taken under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// See [`taking`](super::taking()).
    Taking {},
    /// See [`correct_dosing`](super::correct_dosing()).
    CorrectDosing {},
    /// See [`timing`](super::timing()).
    Timing {
        /// How far an interval may be from its nominal length, in percent of that length.
        tolerance_percent: u32,
    },
    /// See [`persistence`](super::persistence()).
    Persistence {
        /// How many days in a row without a dose are still no end.
        gap_days: u32,
    },
    /// See [`pdc`](super::pdc()).
    Pdc {
        /// From which share on a patient counts as adherent, in percent.
        adherent_percent: u32,
    },
    /// See [`mpr`](super::mpr()).
    Mpr {},
}

impl Measure {
    /// What it counts, in plain English.
    pub fn definition(self) -> String {
        match self {
            Self::Taking {} => {
                "Taking: doses taken divided by doses prescribed, from the record of doses. Extra doses \
                count, so it may pass 100 %."
                    .to_owned()
            }
            Self::CorrectDosing {} => {
                "Correct dosing: days on which exactly the prescribed number of doses was taken, \
                divided by all days of the range, from the record of doses."
                    .to_owned()
            }
            Self::Timing { tolerance_percent } => format!(
                "Timing: intervals from one dose taken to the next that are within {tolerance_percent} % of the \
                prescribed interval, divided by all such intervals, from the record of doses."
            ),
            Self::Persistence { gap_days } => format!(
                "Persistence: days from the first dose to the last one before more than {gap_days} days in a row \
                without a dose, divided by the days observed, from the record of doses."
            ),
            Self::Pdc { adherent_percent } => format!(
                "Proportion of days covered (PDC): days with supply at hand divided by the days from the first fill to \
                the end of the period, from dispensing data. Supply that overlaps moves forward, days in hospital are \
                left out. Adherent from {adherent_percent} % on."
            ),
            Self::Mpr {} => {
                "Medication possession ratio (MPR): days of supply handed out divided by the days from the \
                first fill to the end of the period, from dispensing data. Days in hospital are left out. It may pass \
                100 %."
                    .to_owned()
            }
        }
    }
}
