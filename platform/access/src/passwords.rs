//! Passwords: Argon2id with the second recommended setting of OWASP (19 MiB, two passes), which is stronger
//! than RFC 9106 asks of constrained machines; rules after NIST SP 800-63B-4, 3.1.1 (length and a block
//! list, no composition rules, no expiry).

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use bisenzio_kernel::{Env, Lang, Problem};
use tokio::sync::Semaphore;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const MIN_CHARS: usize = 12;
/// Longer ones would only cost the server time.
const MAX_CHARS: usize = 200;

/// Verified against when there is no such account, so that the answer takes as long. No password has it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Each verification takes 19 MiB: a flood of sign-ins waits here instead of filling memory.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

fn argon2() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| {
        tracing::error!(%error, "Argon2 parameters");
        Problem::internal()
    })?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The PHC string to store. Works on a blocking thread.
///
/// # Errors
/// 500 when hashing fails; the cause is logged.
pub async fn hash(env: &Env, password: &str) -> Result<String, Problem> {
    let mut salt = [0_u8; 16];
    env.fill(&mut salt);
    let password = password.to_owned();
    let _permit = AT_ONCE.acquire().await.map_err(|_| Problem::internal())?;
    tokio::task::spawn_blocking(move || {
        let failed = |error: argon2::password_hash::Error| {
            tracing::error!(%error, "password hashing");
            Problem::internal()
        };
        let salt = SaltString::encode_b64(&salt).map_err(failed)?;
        let hash = argon2()?
            .hash_password(password.as_bytes(), &salt)
            .map_err(failed)?;
        Ok(hash.to_string())
    })
    .await
    .map_err(|_| Problem::internal())?
}

/// Whether the password is the stored one. Takes the same time when nothing is stored, and is then false.
/// Works on a blocking thread.
pub async fn verify(stored: Option<&str>, password: &str) -> bool {
    let known = stored.is_some();
    let stored = stored.unwrap_or(NOBODY).to_owned();
    // What cannot be anybody's password is not worth hashing whole.
    let password: String = password.chars().take(MAX_CHARS + 1).collect();
    let Ok(_permit) = AT_ONCE.acquire().await else {
        return false;
    };
    let matches = tokio::task::spawn_blocking(move || {
        let parsed = PasswordHash::new(&stored);
        let (Ok(argon2), Ok(parsed)) = (argon2(), parsed) else {
            return false;
        };
        // Parameters are those of the stored string, so earlier ones go on working.
        argon2.verify_password(password.as_bytes(), &parsed).is_ok()
    });
    known & matches.await.unwrap_or(false)
}

/// What is wrong with a new password, for its owner to read; `None` when it is good.
pub fn objection(password: &str, username: &str, lang: Lang) -> Option<&'static str> {
    let length = password.chars().count();
    let lower = password.to_lowercase();
    let username = username.to_lowercase();
    if length < MIN_CHARS {
        Some(lang.t(
            "La password deve avere almeno 12 caratteri. Una frase di più parole va bene.",
            "The password must have at least 12 characters. A phrase of several words is fine.",
        ))
    } else if length > MAX_CHARS {
        Some(lang.t(
            "La password può avere al massimo 200 caratteri.",
            "The password can have at most 200 characters.",
        ))
    } else if username.len() >= 3 && letters_without(&lower, &username) < MIN_CHARS / 2 {
        Some(lang.t(
            "La password non può essere il nome utente con poche aggiunte.",
            "The password cannot be the user name with little added.",
        ))
    } else if is_common(&lower) {
        Some(lang.t(
            "Questa password è troppo comune e si indovina facilmente.",
            "This password is too common and easily guessed.",
        ))
    } else {
        None
    }
}

/// Characters left when every occurrence of `part` is taken out; all of them when it does not occur.
fn letters_without(text: &str, part: &str) -> usize {
    text.replace(part, "").chars().count()
}

fn is_common(lower: &str) -> bool {
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 4 || is_run(lower) {
        return true;
    }
    let core: String = lower.chars().filter(|c| c.is_alphabetic() || *c == '0').collect();
    let core = core.trim_matches('0');
    if core.is_empty() {
        // Digits and signs only: a date or a telephone number.
        return lower.chars().count() < 16;
    }
    let words = || {
        include_str!("common-passwords.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
    };
    words().any(|word| {
        core.strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || words().any(|other| other == rest))
    })
}

/// "abcdefghijkl", "123456789012", "987654321098": every character follows its neighbour.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    [1, -1].into_iter().any(|step| {
        codes.windows(2).all(|pair| {
            let difference = pair[1] - pair[0];
            difference == step || difference == -9 * step
        })
    })
}

#[cfg(test)]
mod tests {
    use bisenzio_kernel::FixedEnv;
    use proptest::prelude::*;

    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let env = FixedEnv::at("2026-03-11T08:00:00Z").env();
        let stored = hash(&env, "cavallo graffetta corretto").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify(Some(&stored), "cavallo graffetta corretto").await);
        assert!(!verify(Some(&stored), "cavallo graffetta corretta").await);
        assert!(!verify(Some("not a hash"), "cavallo graffetta corretto").await);
        assert!(!verify(None, "").await);
        assert_ne!(
            stored,
            hash(&env, "cavallo graffetta corretto").await.unwrap(),
            "salted"
        );
    }

    #[test]
    fn nobodys_hash_is_well_formed_and_costs_as_much() {
        let parsed = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&parsed).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (MEMORY_KIB, PASSES, LANES)
        );
        assert_eq!(parsed.hash.unwrap().len(), 32);
    }

    #[test]
    fn rules_are_length_and_a_block_list() {
        let objection = |password| objection(password, "mario.rossi", Lang::It);
        for good in [
            "cavallo graffetta",
            "il gatto dorme sul tetto",
            "Xk9$wTz!pQ2v",
            "pioggia a novembre 7",
        ] {
            assert_eq!(objection(good), None, "{good}");
        }
        for bad in [
            "corta",
            "undicilette",
            "mario.rossi1",
            "Mario.Rossi.2026",
            "password1234",
            "Benvenuto2026!",
            "PratoPrato2026",
            "aaaaaaaaaaaa",
            "abcdefghijkl",
            "123456789012",
            "19800512-1980",
            "121212121212",
        ] {
            assert!(objection(bad).is_some(), "{bad}");
        }
        assert!(objection(&"à ".repeat(101)).is_some());
    }

    proptest! {
        #[test]
        fn any_text_can_be_judged(password in "\\PC{0,240}", username in "\\PC{0,40}") {
            let short = password.chars().count() < MIN_CHARS;
            prop_assert!(!short || objection(&password, &username, Lang::En).is_some());
        }
    }
}
