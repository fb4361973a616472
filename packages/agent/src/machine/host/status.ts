import type { Exec } from '@joinery/host/exec.ts'

/** Gives `status(text)`: what `systemctl status` shows of the unit. Says nothing where systemd did not start the process. */
export const statusNotifier = (exec: Exec, socket: string | undefined): ((text: string) => void) => {
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
