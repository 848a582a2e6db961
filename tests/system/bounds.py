"""How long the agent may take, derived from the configuration; and what a machine that others load may add.

A request never stops a transaction that is on the wire, so each access to the line may wait for one of another unit.
"""

from tests.system.agentfile import CHARGER_POLL_S, DEBOUNCE_S, INPUTS_POLL_S, METER_POLL_S, SETTLE_S, STALE_S, TIMEOUT_S

# Our processes share two cores with a test runner, a station and a hub; measured alone, they add some 10 ms.
MACHINE_S = 0.75
# The longest exchange here is 9 registers of a controller: 8 + 23 characters of 10 bits at 9600 baud, and its
# 20 ms to think; before it the 100 ms that the makers of controllers and meters ask for.
PAUSE_S = 0.1
EXCHANGE_S = 31 * 10 / 9600 + 0.02
TRANSACTION_S = PAUSE_S + EXCHANGE_S
# A unit that does not answer holds the line for its time-out, the frames and the silence after it.
DEAD_TRANSACTION_S = TIMEOUT_S + EXCHANGE_S + SETTLE_S
# Plug contacts bounce: `site.senses` believes a pilot after this.
PLUG_DEBOUNCE_S = 0.2
# `rfid.reader` asks for a card this often.
CARD_POLL_S = 0.15
# `rfid.debounce` takes the same card again after this, and a poll to be sure.
CARD_QUIET_S = 2.0 + 2 * CARD_POLL_S
# A silent unit rests at most so long (`line.units`), and a lost port is opened anew more often than that.
BACK_WITHIN_S = 5.0

# What is seen (a poll), confirmed (the debounce and one more look), and written: three accesses to the line.
_ACCESSES = 3
FAULT_S = DEBOUNCE_S + INPUTS_POLL_S + _ACCESSES * TRANSACTION_S
UNPLUG_S = PLUG_DEBOUNCE_S + CHARGER_POLL_S + _ACCESSES * TRANSACTION_S
CARD_S = CARD_POLL_S + TRANSACTION_S
# Three polls may fail before a reading is too old, however long `stale_after_ms` is; each device turns at its poll.
STALE_WITHIN_S = max(STALE_S, 3 * max(CHARGER_POLL_S, METER_POLL_S)) + METER_POLL_S + DEAD_TRANSACTION_S
