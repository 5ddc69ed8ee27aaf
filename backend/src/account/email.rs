//! E-mail addresses as the name of an account: compared without case, checked for shape only.

use crate::{fault::Fault, random};

/// The form in which an e-mail is kept and compared.
pub fn normal(path: &str, email: &str) -> Result<String, Fault> {
    let email = email.trim().to_lowercase();
    let wrong = || Fault::field(path, "an e-mail is a name, an @ and a domain, at most 254 characters");
    let (name, domain) = email.split_once('@').ok_or_else(wrong)?;
    let clean = !email.chars().any(|c| c.is_whitespace() || c.is_control()) && !domain.contains('@');
    if name.is_empty() || domain.is_empty() || email.len() > 254 || !clean {
        return Err(wrong());
    }
    Ok(email)
}

/// What attempts are counted by: the e-mail itself is not kept with them.
pub fn attempt_key(email: &str) -> String {
    random::digest(&[b"attempt by e-mail", email.as_bytes()])
}

/// A person's full name, trimmed.
pub fn person_name(path: &str, name: &str) -> Result<String, Fault> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > 200 || name.chars().any(char::is_control) {
        return Err(Fault::field(path, "a name has 1 to 200 characters"));
    }
    Ok(name.to_owned())
}
