# What went wrong: what happened, what is safe, and what to do next. One sentence group for each ErrorCode of
# shared::api, its name with hyphens.

error-bad-request = The app and your clinic did not understand each other. Nothing was changed. Update the app, then try again.
error-invalid-field = Something here cannot be right. Nothing was saved yet. Look at what is marked, then try again.
error-too-much = That is more than can be shown at once. Nothing was changed. Choose a shorter time.
error-signed-out = You are not signed in any more. What you recorded is safe on this device. Sign in again to send it.
error-wrong-credentials = E-mail and password do not fit together. Check both, then try again.
error-email-taken = There is an account with this e-mail already. Sign in instead.
error-forbidden = You are not allowed to do this. Nothing was changed. Ask the person or the clinic to give you access.
error-not-found = This is not here, or not yours to see any more. Go back and look again.
error-code-invalid = This code is wrong, was used, or has expired. Check it, or ask for a new one.
error-conflict = This was changed elsewhere in the meantime. Nothing was overwritten. Look at it again, then decide.
error-operation-reused = An entry arrived twice in different forms. The first is kept. If yours is missing, record it again.
error-too-many-attempts = There were too many attempts. Wait a few minutes, then try again.
error-other-version = The app and your clinic have different versions. Your entries are safe on this device. Update the app, and they are sent.
error-unavailable = Your clinic’s Doseline is busy or being serviced. Your entries are safe on this device. Try again in a few minutes.
error-internal = Something failed that should not. What you recorded before is safe. Try again; if it stays, tell your clinic.
error-offline = There is no connection to your clinic’s Doseline. What you record is safe on this device. This needs the network: try again when you are online.
error-disk-full = This device has no room left, so this was not saved. What you recorded before is safe. Free some space, then record it again.
error-wrong-key = The key in this device’s keychain does not open your medicines. Nothing was deleted. Unlock your keychain and start Doseline again, or start over.
error-keychain-locked = Your keychain is locked. Unlock it, then try again.
error-cache-damaged = The file with your medicines is damaged. It was left as it is. You can start over: what can be read is carried over, and your record comes back from your clinic.
error-wrong-pin = This is not the PIN. Nothing is lost. Try again.
error-pin-needed = Your medicines on this device are locked. Enter your PIN to go on.
error-clock-set-back = The clock of this device was set back. Your entries are safe. Set the clock right, so that new ones get the right time.
error-above-limit = This would be more than your plan allows now. Nothing was recorded. Wait until the next dose is allowed, or say why you take it now.
error-too-late = This cannot be undone here any more. Nothing was changed. You can take it back in the medicine’s history.
