/** How much faster time passes for the server and the cluster than for this host: a second is a minute. */
export const pace = 60

/** The monotonic clock of the host, which all its processes share, in milliseconds; no kill sets it back. */
const hostTime = (): number => Number(process.hrtime.bigint()) / 1e6

export interface FastTime {
  /** Of the host, when fast time began. */
  begun: number
  /** The date that it began with. */
  epoch: number
}

export const beginFastTime = (): FastTime => ({ begun: hostTime(), epoch: Date.now() })

/** Milliseconds of fast time, as a date counts them. */
export const fastNow = ({ begun, epoch }: FastTime): number => epoch + (hostTime() - begun) * pace

/** Both clocks of the server, and timers in step with them. */
export const fastClocks = (time: FastTime) => ({
  clock: { now: () => new Date(fastNow(time)) },
  monotonic: () => hostTime() * pace
})

/** From now on every timer of this process that is not made by `node:timers` runs by fast time. */
export const hurryTimers = (): void => {
  const { setTimeout: afterReal, setInterval: everyReal } = globalThis
  const hurried =
    <T>(real: (act: () => void, milliseconds: number) => T) =>
    (act: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]): T =>
      real(() => act(...args), milliseconds / pace)
  globalThis.setTimeout = Object.assign(hurried(afterReal), afterReal) as typeof setTimeout
  globalThis.setInterval = hurried(everyReal) as typeof setInterval
}
