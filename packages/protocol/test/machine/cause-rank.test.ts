import t from 'tap'
import { type CauseCode, causeCodes } from '../../src/machine/cause.ts'

/** Causes that explain others, each with one that it explains: it must come before it. */
const explains: readonly [cause: CauseCode, explained: CauseCode, why: string][] = [
  ['clock-wrong', 'certificate-over', 'two years ahead each certificate looks over'],
  ['clock-wrong', 'api-unreachable', 'two years behind no certificate is valid yet'],
  ['disk-full', 'plugin-failing', 'a container that cannot write does not start'],
  ['runtime-off', 'plugin-missing', 'there is no Node without a runtime'],
  ['plugin-image', 'kube-proxy-failing', 'the Node needs the plugin, and its image needs no kube-proxy'],
  ['kube-proxy-failing', 'plugin-failing', 'the plugin reaches the API server by the address of its Service'],
  ['plugin-failing', 'cni-missing', 'the plugin writes the configuration']
]

for (const [cause, explained, why] of explains) {
  t.test(`${cause} comes before ${explained}: ${why}`, async (t) => {
    t.ok(causeCodes.indexOf(cause) < causeCodes.indexOf(explained))
  })
}
