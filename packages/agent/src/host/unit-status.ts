import type { Exec } from '@joinery/host/exec'
import type { InjectionToken } from 'tsyringe'

/** Tells systemd what the agent does or waits for (`systemctl status`). */
export type UnitStatus = (text: string) => void
export const UnitStatus = Symbol('UnitStatus') as InjectionToken<UnitStatus>

/**
 * Sets the text that `systemctl status` shows of the unit. It does nothing if systemd did not start the process.
 * `socket` is $NOTIFY_SOCKET.
 */
export const systemdStatus = (exec: Exec, socket: string | undefined): UnitStatus => {
  if (socket === undefined) return () => {}
  // one after the other, so that the last text wins
  let last: Promise<unknown> = Promise.resolve()
  let shown: string | undefined
  return (text) => {
    // a line break would begin another message to systemd
    const status = text.replace(/\p{Cc}+/gu, ' ').slice(0, 512)
    if (status === shown) return
    shown = status
    last = last
      .then(() => exec(['systemd-notify', `--status=${status}`], { env: { NOTIFY_SOCKET: socket } }))
      .catch(() => {
        shown = undefined
      })
  }
}
