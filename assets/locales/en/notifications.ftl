# What the desktop says outside its window: notifications and the tray. The title may show on a locked screen, so it
# names no medicine.

reminder-title = Time for your medicine
reminder-body = { $name }, { $amount }
reminder-body-no-amount = { $name }
reminder-taken = Taken
reminder-snooze = Snooze { $minutes } min
reminder-skip = Skip
reminder-open = Open

tray-open = Open Doseline
tray-next = { $time } { $name }
tray-nothing = Nothing more today
tray-quit = Quit

still-running-title = Doseline keeps reminding you
still-running-body = The window is closed. Start Doseline again to open it, or quit it by its icon in the tray.
core-stopped-title = Doseline cannot remind you at the moment
core-stopped-body = Something in the app stops again and again. What you have recorded is safe on this device. Doseline goes on trying; if this stays, restart the computer.
