import { units } from '../paths.ts'
import { unitProperties } from '../unit.ts'
import { byHand, fail, type PreflightCheck, pass } from './check.ts'

/** The kubelet starts with the machine. It need not run yet: before the join it has no configuration. */
export const kubeletService: PreflightCheck = {
  name: 'kubelet-service',
  why: 'a kubelet that does not start with the machine is a node that is lost at its next reboot',
  mends: 'safe',
  async run(host) {
    const { LoadState, UnitFileState } = await unitProperties(host.exec, units.kubelet, ['LoadState', 'UnitFileState'])
    const enable = `systemctl enable ${units.kubelet}`
    if (LoadState === 'masked') {
      // somebody's decision, not to be taken back by a program
      return byHand(
        fail('the kubelet service is masked: it cannot be started', `systemctl unmask ${units.kubelet}`, enable)
      )
    }
    if (LoadState !== 'loaded') return byHand(fail('there is no kubelet service', 'apt-get install -y kubelet'))
    if (UnitFileState === 'enabled') return pass('the kubelet service is enabled')
    return fail(`the kubelet service is ${UnitFileState}: it would not start with the machine`, enable)
  }
}
