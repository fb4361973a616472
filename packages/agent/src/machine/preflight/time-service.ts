import type { Host } from '../host.ts'
import { paths } from '../paths.ts'
import { unitsProperties } from '../unit.ts'
import { byHand, type Finding, type PreflightCheck, pass, skipped, warn } from './check.ts'

/** In the order in which one is chosen; an alias shows the name of the unit itself. */
export const timeServices = [
  'chrony.service',
  'chronyd.service',
  'ntpsec.service',
  'ntp.service',
  'ntpd.service',
  'openntpd.service',
  'systemd-timesyncd.service'
] as const

const properties = ['Id', 'LoadState', 'UnitFileState', 'ActiveState'] as const

/** Whether something keeps the clock right; by how much it is wrong is another check's. */
export const timeService: PreflightCheck = {
  name: 'time-service',
  why: 'certificates and tokens are good for minutes only: a clock that runs away looks like an expired credential',
  mends: 'safe',
  async run(host) {
    const units = await unitsProperties(host.exec, timeServices, properties).catch(() => undefined)
    if (units === undefined) return skipped('systemd does not answer')
    const active = units.find(({ ActiveState }) => ActiveState === 'active')
    if (active?.Id !== undefined) return judgeActive(host, active.Id, active.UnitFileState)
    const [idle] = units.filter(({ LoadState }) => LoadState === 'loaded')
    if (idle?.Id !== undefined) {
      return warn(
        `${idle.Id} is installed and does not run: nothing keeps the clock right`,
        `systemctl enable --now ${idle.Id}`
      )
    }
    const masked = units.find(({ LoadState }) => LoadState === 'masked')?.Id
    if (masked !== undefined) {
      const remedy = [`systemctl unmask ${masked}`, `systemctl enable --now ${masked}`]
      return byHand(warn(`${masked} is masked: nothing keeps the clock right`, ...remedy))
    }
    return byHand(warn('no time service is installed', 'apt-get install -y systemd-timesyncd'))
  }
}

const judgeActive = async (host: Host, unit: string, file: string | undefined): Promise<Finding> => {
  if (file === 'disabled') return warn(`${unit} runs, and would not start with the machine`, `systemctl enable ${unit}`)
  if (await isSynchronised(host)) return pass(`${unit} keeps the clock right`)
  return byHand(warn(`${unit} runs, and has not synchronised the clock`, 'timedatectl status', `journalctl -u ${unit}`))
}

/** systemd-timesyncd leaves a file; of the others the kernel knows. */
const isSynchronised = async (host: Host): Promise<boolean> => {
  if ((await host.read(paths.timeSynchronized)) !== undefined) return true
  const told = await host.exec(['timedatectl', 'show', '--property=NTPSynchronized', '--value']).catch(() => '')
  return told.trim() === 'yes'
}
