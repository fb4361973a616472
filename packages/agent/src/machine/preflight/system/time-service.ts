import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { timeService as findTimeService } from '../../../host/time-services.ts'
import { byHand, type Finding, type PreflightCheck, pass, systemdState, warn } from '../check/check.ts'
import { install } from '../runtime/packages.ts'

/** Checks that something keeps the clock right. Another check looks at how wrong the clock is. */
export const timeService: PreflightCheck = {
  name: 'time-service',
  why: 'certificates and tokens are good for minutes only: a clock that runs away looks like an expired credential',
  mends: 'safe',
  async run(host) {
    const found = await findTimeService(host.exec).catch(() => 'no answer' as const)
    if (found === 'no answer') return byHand(warn('systemd does not answer', systemdState))
    if (found === undefined) {
      return byHand(warn('no time service is installed', ...(await install(host, 'systemd-timesyncd'))))
    }
    const { unit, file, state } = found
    if (state === 'active') return judgeActive(host, unit, file)
    const turnOn = `systemctl enable --now ${unit}`
    if (state === 'inactive')
      return warn(`${unit} is installed and does not run: nothing keeps the clock right`, turnOn)
    return byHand(warn(`${unit} is masked: nothing keeps the clock right`, `systemctl unmask ${unit}`, turnOn))
  }
}

const judgeActive = async (host: Host, unit: string, file: string): Promise<Finding> => {
  if (file === 'disabled') return warn(`${unit} runs, and would not start with the machine`, `systemctl enable ${unit}`)
  if (await isSynchronised(host)) return pass(`${unit} keeps the clock right`)
  return byHand(warn(`${unit} runs, and has not synchronised the clock`, 'timedatectl status', `journalctl -u ${unit}`))
}

/** True if the clock is synchronised. systemd-timesyncd leaves a file; the kernel knows it of the others. */
const isSynchronised = async (host: Host): Promise<boolean> => {
  if ((await host.read(paths.timeSynchronized)) !== undefined) return true
  const told = await host.exec(['timedatectl', 'show', '--property=NTPSynchronized', '--value']).catch(() => '')
  return told.trim() === 'yes'
}
