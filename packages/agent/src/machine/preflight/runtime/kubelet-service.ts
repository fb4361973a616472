import { units } from '../../../host/paths.ts'
import { unitProperties } from '../../../host/unit.ts'
import { minorOf } from '../../../host/versions.ts'
import { byHand, fail, type PreflightCheck, pass, systemdState } from '../check/check.ts'
import { installKubernetes } from './packages.ts'

/** Checks that the kubelet starts with the machine. It need not run yet: before the join it has no configuration. */
export const kubeletService = (cluster?: string): PreflightCheck => ({
  name: 'kubelet-service',
  why: 'a kubelet that does not start with the machine is a node that is lost at its next reboot',
  mends: 'safe',
  async run(host) {
    const unit = await unitProperties(host.exec, units.kubelet, ['LoadState', 'UnitFileState']).catch(() => undefined)
    if (unit === undefined) return byHand(fail('systemd does not answer', systemdState))
    const { LoadState, UnitFileState } = unit
    const enable = `systemctl enable ${units.kubelet}`
    if (LoadState === 'masked') {
      // somebody's decision, not to be taken back by a program
      return byHand(
        fail('the kubelet service is masked: it cannot be started', `systemctl unmask ${units.kubelet}`, enable)
      )
    }
    if (LoadState !== 'loaded') {
      const remedy = await installKubernetes(host, ['kubelet'], minorOf(cluster ?? ''))
      return byHand(fail('there is no kubelet service', ...remedy))
    }
    if (UnitFileState === 'enabled') return pass('the kubelet service is enabled')
    return fail(`the kubelet service is ${UnitFileState}: it would not start with the machine`, enable)
  }
})
