import t from 'tap'
import { explainFailure } from '../../../src/machine/kubeadm/explain-failure.ts'
import { recorder } from '../../support/recorder.ts'

const began = ['[preflight] Running pre-flight checks']
const unhealthy = [
  ...began,
  'error: error execution phase kubelet-wait-bootstrap: failed while waiting for the kubelet to start: context deadline exceeded'
]
const askResult = 'systemctl show joinery-join.service --property=Result'
const askKubelet = 'journalctl --unit=kubelet.service --lines=20 --output=cat --no-pager'

t.test('if kubeadm was killed, systemd says so', async (t) => {
  const { commands, exec } = recorder(() => 'Result=oom-kill\n')
  t.match(await explainFailure(exec, began), { class: 'machine', cause: /too little memory/ })
  t.same(commands, [askResult], 'the kubelet is not asked')
})

t.test('the failure of an unhealthy kubelet has its last lines, with secrets hidden', async (t) => {
  const { commands, exec } = recorder((command) =>
    command === askResult
      ? 'Result=exit-code\n'
      : 'using abcdef.0123456789abcdef\n\nrunning with swap on is not supported\n'
  )
  t.match(await explainFailure(exec, unhealthy), {
    class: 'machine',
    cause: 'the kubelet does not start: swap is on',
    output: [...unhealthy, 'using abcdef.<secret>', 'running with swap on is not supported']
  })
  t.same(commands, [askResult, askKubelet])
})

t.test('a failure is explained even if neither systemd nor the kubelet can be asked', async (t) => {
  const { exec } = recorder(() => {
    throw new Error('Failed to connect to system scope bus')
  })
  t.match(await explainFailure(exec, unhealthy), { class: 'machine', cause: 'the kubelet did not become healthy' })
  t.match(await explainFailure(exec, began), { class: 'transient', cause: 'kubeadm was ended before it was done' })
})
