# What went wrong: what happened, what is safe, and what to do next. One sentence group for each ErrorCode of
# shared::api, its name with hyphens.

error-bad-request = The app and your clinic do not understand each other. Nothing is changed. Update the app, then try again.
error-invalid-field = Something here cannot be right. Nothing is saved yet. Check what you have entered, then try again.
error-too-much = That is more than can be shown at once. Nothing is changed. Choose a shorter time.
error-signed-out = You are not signed in any more. What you have recorded is safe on this device. Sign in again to send it.
error-wrong-credentials = This e-mail and password do not belong together. Check both, then try again.
error-second-factor-needed = Your account has a second step. Enter the code that your authenticator app shows.
error-second-factor-wrong = This code does not fit. Each code opens once, and for a short time. Wait for the next one, or use a recovery code.
error-second-factor-required = Your clinic asks for a second step when you sign in. What you record is safe on this device. Set it up in Settings, and it is sent.
error-own-password-required = You have signed in with a first password. What you have recorded is safe on this device. Choose a password of your own to go on.
error-first-password-ended = This first password has ended. Nothing is lost. Ask whoever gave it to you, such as your clinic’s administrator, for a new one.
error-email-taken = There is an account with this e-mail already. Sign in instead.
error-forbidden = This is not open to you. Nothing is changed. Ask the person or the clinic to give you access.
error-not-found = This is not here, or not yours to see any more. Go back and look again.
error-code-invalid = This code does not work. It may be mistyped, used already, or too old. Check it, or ask for a new one.
error-conflict = This is changed elsewhere too. Nothing is overwritten. Look at it again, then decide.
error-operation-reused = An entry is there twice in different forms. The first is kept. If yours is missing, record it again.
error-too-many-attempts = There are too many attempts. Wait a few minutes, then try again.
error-other-version = Your app and your clinic have different versions. Your entries are safe on this device. Update the app, and they are sent.
error-unavailable = Your clinic’s Doseline is busy, or is being looked after. Your entries are safe on this device. Try again in a few minutes.
error-internal = Something goes wrong here that should not. What you have recorded is safe. Try again; if it stays, tell your clinic.
error-offline = You are offline. What you record is safe on this device. This step needs the network: try again when you are online.
error-disk-full = This device has no room left, so this is not saved. What you recorded before is safe. Free some space, then record it again.
error-wrong-key = The key to your medicines that this device keeps does not fit. Nothing is deleted. Unlock the place where your computer keeps its passwords, then try again. Or start over.
error-keychain-locked = Your keychain, where this computer keeps its passwords, is locked. Unlock it, then try again.
error-cache-damaged = The file with your medicines is damaged. It stays as it is. When you start over, what can be read is carried over, and your record comes back from your clinic.
error-wrong-pin = This is not the PIN. Nothing is lost. Try again.
error-pin-needed = Your medicines on this device are locked. Enter your PIN to go on.
error-clock-set-back = The clock of this device is set back. Your entries are safe. Set the clock right, so that new ones get the right time.
error-above-limit = This is more than your plan allows now. Nothing is recorded. Wait until the next dose is allowed, or say why you take it now.
error-too-late = This cannot be undone here any more. Nothing is changed. You can take it back in the medicine’s history.
