//! One-time codes: made, looked at, used.

use doseline_shared::api::{
    ErrorCode,
    invitation::{
        CODE_ALPHABET, CODE_LENGTH, Code, INVITATIONS, Invitation, LOOKUP, NewInvitation, Offer, REDEEM, Redeemed,
    },
};
use fast_qr::{ECL, QRBuilder};

use crate::{
    ask::{Fault, Invite, LookUpCode, RedeemCode},
    core::Core,
    host::Host,
    vault::Vault,
    view::InvitationView,
};

/// Light modules around a QR code, as its standard asks.
const QUIET: usize = 4;

impl<H: Host, V: Vault> Core<H, V> {
    /// Makes a one-time code.
    pub(crate) async fn invite(&self, ask: Invite) -> Result<InvitationView, Fault> {
        let invitation: Invitation = self.post::<NewInvitation, _>(INVITATIONS, &ask.what).await?;
        let link = format!("{}/join?code={}", self.server()?, bare(&invitation.code));
        let (qr_path, qr_size) = qr(&link)?;
        Ok(InvitationView {
            code: invitation.code,
            link,
            qr_path,
            qr_size,
            expires: invitation.expires,
        })
    }

    /// What a code would do, without using it.
    pub(crate) async fn look_up_code(&self, ask: LookUpCode) -> Result<Offer, Fault> {
        self.post(LOOKUP, &code(&ask.code)?).await
    }

    /// Uses a code, and fetches what it opened.
    pub(crate) async fn redeem_code(&self, ask: RedeemCode) -> Result<Redeemed, Fault> {
        let redeemed: Redeemed = self.post(REDEEM, &code(&ask.code)?).await?;
        // A claimed record may be one's own from now on, which the next token says.
        let stale = self.token.lock().await.as_ref().map(|access| access.token().to_owned());
        let fetched = async {
            self.access(stale.as_deref()).await?;
            self.sync_once().await
        };
        if let Err(fault) = fetched.await {
            tracing::info!(sync.fault = fault.code.name(), "no sync after a code was used");
        }
        Ok(redeemed)
    }
}

/// The code as entered: case, spaces and hyphens do not matter. One that cannot be a code is not sent.
fn code(entered: &str) -> Result<Code, Fault> {
    let code = bare(entered);
    let fits = code.len() == CODE_LENGTH && code.chars().all(|sign| CODE_ALPHABET.contains(sign));
    if fits {
        Ok(Code { code })
    } else {
        Err(Fault::of(ErrorCode::CodeInvalid))
    }
}

fn bare(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|sign| sign.to_ascii_uppercase())
        .collect()
}

/// `text` as a QR code: one SVG path of its dark modules, and the modules on a side with the quiet zone.
pub(crate) fn qr(text: &str) -> Result<(String, u32), Fault> {
    let code = QRBuilder::new(text)
        .ecl(ECL::M)
        .build()
        .map_err(|_| Fault::of(ErrorCode::Internal))?;
    let mut path = String::new();
    for row in 0..code.size {
        let mut column = 0;
        while column < code.size {
            let run = (column..code.size)
                .take_while(|place| code[row][*place].value())
                .count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", column + QUIET, row + QUIET));
            }
            column += run.max(1);
        }
    }
    let size = u32::try_from(code.size + 2 * QUIET).map_err(|_| Fault::of(ErrorCode::Internal))?;
    Ok((path, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_read_out_on_the_telephone_is_the_same_code() {
        assert_eq!(code("abcd-efgh 2345").unwrap().code, "ABCDEFGH2345");
        for wrong in ["", "ABCD-EFGH", "ABCD-EFGH-0000", "ABCD-EFGH-2345-6"] {
            assert_eq!(code(wrong).err(), Some(Fault::of(ErrorCode::CodeInvalid)), "{wrong}");
        }
    }

    #[test]
    fn the_corners_of_a_qr_code_are_where_a_camera_looks_for_them() {
        let (path, size) = qr("https://clinic.example/join?code=ABCDEFGH2345").unwrap();
        assert!(
            path.starts_with("M4 4h7v1h-7z"),
            "a finder pattern's upper edge is seven modules long"
        );
        assert!(path.contains(&format!("M{} 4h7v1h-7z", size - 11)));
        assert_eq!(size % 4, 1, "a code has 17 + 4 n modules on a side");
    }
}
