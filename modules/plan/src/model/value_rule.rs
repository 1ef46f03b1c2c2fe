//! Which values an indicator may have.

use bisenzio_kernel::Lang;

use super::Choice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueRule {
    /// Things counted: 0, 1, 2.
    Whole,
    /// Amounts: 12.5, never below zero.
    Decimal,
    /// Balances and changes: below zero too.
    Any,
}

impl ValueRule {
    /// What was chosen, or what suits the unit: units that are words ("piazze") are counted, symbols ("%",
    /// "km") and no unit at all are measured.
    pub fn of(chosen: &str, unit: &str) -> Self {
        match chosen {
            "whole" => ValueRule::Whole,
            "decimal" => ValueRule::Decimal,
            "any" => ValueRule::Any,
            _ if crate::display::is_word(unit) => ValueRule::Whole,
            _ => ValueRule::Decimal,
        }
    }

    pub fn allows(self, value: f64) -> bool {
        match self {
            ValueRule::Whole => value >= 0.0 && value.fract() == 0.0,
            ValueRule::Decimal => value >= 0.0,
            ValueRule::Any => true,
        }
    }

    /// Why a value is refused.
    pub fn refusal(self, value: f64, lang: Lang) -> &'static str {
        if value < 0.0 {
            lang.t(
                "Il valore non può essere negativo. Se ha senso, si cambia la regola nella definizione dell'indicatore",
                "The value cannot be negative. If it makes sense, change the rule in the indicator's definition",
            )
        } else {
            lang.t(
                "Occorre un numero intero: l'indicatore conta unità intere. La regola si cambia nella sua definizione",
                "A whole number is needed: the indicator counts whole units. Its definition holds the rule",
            )
        }
    }
}

/// The rules as choices of a form.
pub fn value_rules() -> &'static [Choice] {
    const ALL: &[Choice] = &[
        Choice {
            value: "whole",
            it: "Numeri interi, da zero in su",
            en: "Whole numbers from zero",
        },
        Choice {
            value: "decimal",
            it: "Anche con decimali, da zero in su",
            en: "Decimals too, from zero",
        },
        Choice {
            value: "any",
            it: "Anche negativi",
            en: "Negative ones too",
        },
    ];
    ALL
}

/// Whether a value is more than ten times another, or less than a tenth: most often a slip of the keyboard.
pub fn is_jump(before: f64, now: f64) -> bool {
    let (low, high) = (before.abs().min(now.abs()), before.abs().max(now.abs()));
    // From or to nothing is no slip; a few units more or less neither.
    low > 0.0 && high > 10.0 * low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_and_measures_are_not() {
        assert_eq!(ValueRule::of("", "piazze"), ValueRule::Whole);
        assert_eq!(ValueRule::of("", "%"), ValueRule::Decimal);
        assert_eq!(ValueRule::of("any", "piazze"), ValueRule::Any);
        assert!(
            ValueRule::Whole.allows(0.0) && !ValueRule::Whole.allows(1.5) && !ValueRule::Whole.allows(-1.0)
        );
        assert!(ValueRule::Decimal.allows(1.5) && !ValueRule::Decimal.allows(-1.5));
        assert!(ValueRule::Any.allows(-40.0));
    }

    #[test]
    fn ten_times_as_much_is_a_jump() {
        assert!(is_jump(16.0, 1600.0) && is_jump(1600.0, 16.0));
        assert!(!is_jump(16.0, 160.0) && !is_jump(0.0, 500.0) && !is_jump(500.0, 0.0));
    }
}
