//! Arrows only point down: engines, platform, modules, apps; modules never know one another.

use std::collections::BTreeMap;

use super::{Complaint, File};

/// Floors from the ground up. `tests`, `benches` and `xtask` stand outside and may look at everything.
const FLOORS: [&str; 4] = ["engines", "platform", "modules", "apps"];

/// Checks the manifests of all crates against one another.
pub fn check(files: &[File]) -> Vec<Complaint> {
    let manifests: Vec<(&File, usize)> = files
        .iter()
        .filter_map(|file| Some((file, floor(&file.path)?)))
        .collect();
    let known: BTreeMap<String, usize> = manifests
        .iter()
        .filter_map(|(file, floor)| Some((package_name(&file.text)?, *floor)))
        .collect();
    let mut out = Vec::new();
    for (file, own) in manifests {
        for (line, dependency) in dependencies(&file.text) {
            let Some(&other) = known.get(&dependency) else {
                continue;
            };
            if other > own {
                let what = format!(
                    "{} may not depend on {dependency}: arrows only point down",
                    FLOORS.get(own).copied().unwrap_or_default()
                );
                out.push(Complaint::new(&file.path, line, what));
            } else if other == own && FLOORS[own] == "modules" {
                let what = format!("modules never import one another: {dependency}");
                out.push(Complaint::new(&file.path, line, what));
            }
        }
    }
    out
}

/// The floor of a crate's manifest `<floor>/<crate>/Cargo.toml`.
fn floor(path: &str) -> Option<usize> {
    let mut parts = path.split('/');
    let floor = parts.next()?;
    let is_manifest = parts.nth(1) == Some("Cargo.toml") && parts.next().is_none();
    if is_manifest {
        FLOORS.iter().position(|name| *name == floor)
    } else {
        None
    }
}

fn package_name(manifest: &str) -> Option<String> {
    manifest
        .lines()
        .find_map(|line| Some(line.strip_prefix("name = \"")?.trim_end_matches('"').to_owned()))
}

/// Names under every `[...dependencies]` table, with their lines.
fn dependencies(manifest: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut inside = false;
    for (number, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            inside = section.trim_end_matches(']').ends_with("dependencies");
            if let Some((_, name)) = section.trim_end_matches(']').split_once("dependencies.") {
                out.push((number + 1, name.to_owned()));
            }
        } else if inside {
            let name = line
                .split(['.', '=', ' '])
                .next()
                .unwrap_or_default()
                .trim_matches('"');
            if !name.is_empty() && !name.starts_with('#') {
                out.push((number + 1, name.to_owned()));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(path: &str, name: &str, dependencies: &str) -> File {
        let text = format!("[package]\nname = \"{name}\"\n\n[dependencies]\n{dependencies}\n");
        File {
            path: format!("{path}/Cargo.toml"),
            text,
        }
    }

    #[test]
    fn down_is_allowed_up_and_sideways_are_not() {
        let files = [
            manifest("engines/e", "bisenzio-e", "geo.workspace = true"),
            manifest("platform/p", "bisenzio-p", "bisenzio-e.workspace = true"),
            manifest("platform/q", "bisenzio-q", "bisenzio-p.workspace = true"),
            manifest("modules/m", "bisenzio-m", "bisenzio-p = { path = \"x\" }"),
            manifest(
                "apps/a",
                "a",
                "bisenzio-m.workspace = true\nbisenzio-e.workspace = true",
            ),
        ];
        assert!(check(&files).is_empty());

        let up = [
            manifest("engines/e", "bisenzio-e", "bisenzio-p.workspace = true"),
            manifest("platform/p", "bisenzio-p", ""),
        ];
        assert_eq!(check(&up).len(), 1);
        assert_eq!(check(&up)[0].line, 5);

        let sideways = [
            manifest("modules/m", "bisenzio-m", "bisenzio-n.workspace = true"),
            manifest("modules/n", "bisenzio-n", ""),
        ];
        assert!(check(&sideways)[0].what.contains("never import one another"));
    }

    #[test]
    fn test_dependencies_count_too() {
        let text = "[package]\nname = \"bisenzio-m\"\n[dev-dependencies]\nbisenzio-n.workspace = true\n";
        let files = [
            File {
                path: "modules/m/Cargo.toml".into(),
                text: text.into(),
            },
            manifest("modules/n", "bisenzio-n", ""),
        ];
        assert_eq!(check(&files).len(), 1);
    }
}
