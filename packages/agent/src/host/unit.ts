import type { Exec } from '@joinery/host/exec'

/** Properties of a systemd unit, as `systemctl show` prints them. A unit that does not exist has LoadState not-found. */
export const unitProperties = async <Name extends string>(
  exec: Exec,
  unit: string,
  names: readonly Name[]
): Promise<Partial<Record<Name, string>>> => (await unitsProperties(exec, [unit], names))[0] ?? {}

/** Properties of several systemd units, in the order of the units. */
export const unitsProperties = async <Name extends string>(
  exec: Exec,
  units: readonly string[],
  names: readonly Name[]
): Promise<Partial<Record<Name, string>>[]> => {
  const printed = await exec(['systemctl', 'show', ...units, `--property=${names.join(',')}`])
  return printed.split('\n\n').map((unit) => {
    const pairs = unit.split('\n').map((line) => {
      const equals = line.indexOf('=')
      return [line.slice(0, equals), line.slice(equals + 1)]
    })
    return Object.fromEntries(pairs)
  })
}
