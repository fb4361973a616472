import t from 'tap'
import { isSilent } from '../../../../src/features/diagnosis/why/silence.ts'
import { ago, aReading, condition, now } from './a-reading.ts'

/** The condition Ready, as it has been for so many seconds. */
const ready = (status: string, seconds: number) => ({ ...condition('Ready', status), since: ago(seconds) })

const rows: [when: string, status: string, since: number, renewed: number | undefined, silent: boolean][] = [
  ['the kubelet renews its Lease, and the Node is not Ready', 'False', 300, 5, false],
  ['the Lease is old, and the control plane has not noticed yet', 'False', 300, 70, true],
  ['the control plane has noticed, as it does by default', 'Unknown', 10, 60, true],
  ['the control plane is set to notice sooner', 'Unknown', 1, 21, true],
  ['the kubelet is back, and the control plane has not noticed yet', 'Unknown', 30, 2, false],
  ['nobody may read the Lease, and the control plane has noticed', 'Unknown', 10, undefined, true],
  ['nobody may read the Lease, and the Node is not Ready', 'False', 10, undefined, false],
  ['the clock of the machine is ahead, and the control plane has noticed', 'Unknown', 10, -3600, true]
]

for (const [when, status, since, renewed, silent] of rows) {
  t.test(`${when}: ${silent ? 'nothing is heard' : 'the kubelet is heard'}`, async (t) => {
    const pods = { pods: [], ...(renewed !== undefined && { renewed: ago(renewed) }) }
    const reading = aReading({ node: { conditions: [ready(status, since)] }, pods })
    t.equal(isSilent(reading, now), silent)
  })
}
