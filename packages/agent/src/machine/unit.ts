import type { Exec } from './exec.ts'

/** Properties of a systemd unit, as `systemctl show` prints them. A unit that does not exist has LoadState not-found. */
export const unitProperties = async <Name extends string>(
  exec: Exec,
  unit: string,
  names: readonly Name[]
): Promise<Partial<Record<Name, string>>> => {
  const printed = await exec(['systemctl', 'show', unit, `--property=${names.join(',')}`])
  const pairs = printed.split('\n').map((line) => {
    const equals = line.indexOf('=')
    return [line.slice(0, equals), line.slice(equals + 1)]
  })
  return Object.fromEntries(pairs)
}
