//! A list of checks run one after the other, each with its outcome and time, and a summary at the end.

use std::time::Instant;

use anyhow::Result;

pub enum Outcome {
    Passed,
    Failed(String),
    /// Not run: why, and what to do to have it run.
    Skipped(String),
}

struct Line {
    name: &'static str,
    outcome: Outcome,
    seconds: f64,
}

pub struct Suite {
    only: Vec<String>,
    skip: Vec<String>,
    lines: Vec<Line>,
}

impl Suite {
    /// Reads `--only a,b` and `--skip a,b`.
    ///
    /// # Errors
    /// For any other argument.
    pub fn new(arguments: &[String]) -> Result<Self> {
        let mut suite = Self {
            only: Vec::new(),
            skip: Vec::new(),
            lines: Vec::new(),
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let names = || -> Vec<String> {
                rest.clone()
                    .next()
                    .map(|list| list.split(',').map(str::to_owned).collect())
                    .unwrap_or_default()
            };
            match argument.as_str() {
                "--only" => suite.only = names(),
                "--skip" => suite.skip = names(),
                other => anyhow::bail!("unknown argument \"{other}\": --only A,B or --skip A,B"),
            }
            rest.next();
        }
        Ok(suite)
    }

    pub fn wants(&self, name: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|n| n == name);
        (self.only.is_empty() || named(&self.only)) && !named(&self.skip)
    }

    /// Runs one check, unless it was not asked for. Answers whether it passed.
    pub fn check(&mut self, name: &'static str, run: impl FnOnce() -> Result<Outcome>) -> bool {
        if !self.wants(name) {
            return true;
        }
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = run().unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        if let Outcome::Failed(why) = &outcome {
            println!("{name}: {why}");
        }
        let passed = !matches!(outcome, Outcome::Failed(_));
        self.lines.push(Line {
            name,
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        });
        passed
    }

    /// Notes something that could not be tested at all.
    pub fn note_skipped(&mut self, name: &'static str, why: String) {
        if self.wants(name) {
            self.lines.push(Line {
                name,
                outcome: Outcome::Skipped(why),
                seconds: 0.0,
            });
        }
    }

    /// Prints the table and answers whether nothing failed.
    pub fn summary(&self) -> bool {
        println!("\n== summary");
        for line in &self.lines {
            let (word, why) = match &line.outcome {
                Outcome::Passed => ("passed ", ""),
                Outcome::Failed(why) => ("FAILED ", why.as_str()),
                Outcome::Skipped(why) => ("skipped", why.as_str()),
            };
            println!("{word} {:<22} {:>6.0} s  {why}", line.name, line.seconds);
        }
        let count = |wanted: fn(&Outcome) -> bool| self.lines.iter().filter(|l| wanted(&l.outcome)).count();
        let failed = count(|o| matches!(o, Outcome::Failed(_)));
        println!(
            "{} passed, {failed} failed, {} skipped",
            count(|o| matches!(o, Outcome::Passed)),
            count(|o| matches!(o, Outcome::Skipped(_)))
        );
        failed == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(arguments: &[&str]) -> Suite {
        Suite::new(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn arguments_choose_what_runs() {
        let all = suite(&[]);
        assert!(all.wants("tidy") && all.wants("rust tests"));
        let some = suite(&["--only", "tidy,format"]);
        assert!(some.wants("tidy") && !some.wants("clippy"));
        let without = suite(&["--skip", "newcomer"]);
        assert!(without.wants("tidy") && !without.wants("newcomer"));
        assert!(Suite::new(&["--quick".to_owned()]).is_err());
    }

    #[test]
    fn one_failure_fails_all_and_skipping_does_not() {
        let mut suite = suite(&[]);
        assert!(suite.check("a", || Ok(Outcome::Passed)));
        suite.note_skipped("b", "no machine for it".into());
        assert!(suite.summary());
        assert!(!suite.check("c", || anyhow::bail!("broken")));
        assert!(!suite.summary());
    }
}
