import type { ServerProcess } from './server-process.ts'

/**
 * Two servers of one installation, of which one is active, as one: it is where the active one is. The active one is killed and stopped by
 * turns; the other one then takes over.
 */
export const serverPair = (one: ServerProcess, other: ServerProcess): ServerProcess => {
  const both = [one, other]
  let kills = 0
  const active = (): ServerProcess => (other.port === undefined ? one : other)
  const each = async (act: (server: ServerProcess) => Promise<void>): Promise<void> => {
    await Promise.all(both.map(act))
  }
  return {
    get port() {
      return active().port
    },
    get log() {
      return both.flatMap(({ log }) => log)
    },
    get ends() {
      return both.flatMap(({ ends }) => ends)
    },
    get socket() {
      return active().socket
    },
    start: () => each((server) => server.start()),
    kill: () => {
      kills += 1
      return kills % 2 === 1 ? active().kill() : active().stop()
    },
    stop: () => each((server) => server.stop()),
    close: () => each((server) => server.close())
  }
}
