import { isIP } from 'node:net'
import { type Cause, formatTaint, isWithin } from '@joinery/protocol'
import { lacksPlugin } from '../../../core/enrolment/facts/node.ts'
import type { NodeSight } from '../../../core/ports/cluster/node-sight.ts'
import type { Reading } from './reading.ts'
import { conditionOf } from './silence.ts'
import { causeOf, command, describeNode, inWords, onMachine } from './told.ts'

/** Time in milliseconds in which the control plane assigns networks, and somebody answers a request. */
const patience = 60_000

/** Causes that the Node itself shows, with all that the control plane has written there. `now`: by the cluster's clock. */
export const judgeNode = (reading: Reading, now: Date): Cause[] => [
  ...judgeBan(reading),
  ...judgePressure(reading),
  ...judgeSkew(reading),
  ...judgePodNetworks(reading, now),
  ...judgeTaints(reading),
  ...judgeServing(reading, now)
]

const judgeBan = ({ name, banned }: Reading): Cause[] =>
  banned === undefined
    ? []
    : [
        causeOf('banned', 'the name of the Node is on the ban list: the API server takes nothing from its kubelet', {
          evidence: [`ConfigMap joinery-system/joinery-banned: ${name}: ${banned}`],
          remedy: [command('joinery', 'show', name)]
        })
      ]

const pressures = [
  {
    type: 'DiskPressure',
    code: 'disk-full',
    what: 'a disk is nearly full',
    look: '# on the machine: df --human-readable'
  },
  {
    type: 'MemoryPressure',
    code: 'memory-short',
    what: 'the machine has too little memory',
    look: '# on the machine: free --human'
  },
  {
    type: 'PIDPressure',
    code: 'kubelet-says',
    what: 'there are too many processes',
    look: '# on the machine: ps -e | wc --lines'
  }
] as const

const judgePressure = (reading: Reading): Cause[] =>
  pressures.flatMap(({ type, code, what, look }) => {
    const condition = conditionOf(reading, type)
    if (condition?.status !== 'True') return []
    const { since, reason, message } = condition
    const evidence = [`Node ${reading.name}: ${type}: ${reason}: ${message}`]
    return causeOf(code, `the kubelet says that ${what}`, {
      since,
      evidence,
      remedy: [look, describeNode(reading.name)]
    })
  })

const judgeSkew = ({ name, node, apiVersion = '' }: Reading): Cause[] => {
  const skew = skewOf(node.kubelet, apiVersion)
  return skew === undefined
    ? []
    : [
        causeOf('version-skew', skew, {
          evidence: [`Node ${name}: kubelet ${node.kubelet}; API server ${apiVersion}`],
          remedy: [
            '# install a kubelet of the minor version of the API server: https://kubernetes.io/releases/version-skew-policy'
          ]
        })
      ]
}

const judgePodNetworks = ({ name, node, others }: Reading, now: Date): Cause[] => {
  const shared = others.find(({ podCidrs }) => podCidrs.some((cidr) => node.podCidrs.some((own) => overlap(own, cidr))))
  if (shared !== undefined) {
    const evidence = [`Node ${name}: ${node.podCidrs.join(', ')}`, `Node ${shared.name}: ${shared.podCidrs.join(', ')}`]
    const remedy = [
      'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
      `# register one of the two Nodes again: ${command('kubectl', 'delete', 'node', name)}`
    ]
    return [
      causeOf('pod-cidr-missing', `the network of its Pods is also that of Node ${shared.name}`, { evidence, remedy })
    ]
  }
  const assigns = others.some(({ podCidrs }) => podCidrs.length > 0)
  if (!assigns || node.podCidrs.length > 0 || now.getTime() - node.created.getTime() < patience) return []
  const taken = others.filter(({ podCidrs }) => podCidrs.length > 0).length
  return [
    causeOf('pod-cidr-missing', 'no network was assigned to the Pods of this Node', {
      since: node.created,
      evidence: [`Node ${name}: spec.podCIDRs is empty; ${taken} other Nodes have a network`],
      remedy: [
        'kubectl get events --field-selector reason=CIDRNotAvailable',
        '# if the range is used up: --cluster-cidr and --node-cidr-mask-size of kube-controller-manager'
      ]
    })
  ]
}

/** Taints that somebody puts on a new Node and takes away when it may be used, and who that is. */
const startupTaints: readonly [pattern: RegExp, who: string][] = [
  [/^node\.cloudprovider\.kubernetes\.io\/uninitialized$/, 'the cloud controller manager'],
  [/^node\.cilium\.io\/agent-not-ready$/, 'the agent of Cilium'],
  [/^node\.kubernetes\.io\/out-of-service$/, 'whoever put it there'],
  // such as ebs.csi.aws.com/agent-not-ready
  [
    /^(?!node\.kubernetes\.io\/)[^/]+\/([a-z0-9.-]+-)?(not-ready|uninitialized|not-initialized|network-unavailable|startup)$/,
    'the agent that is named there'
  ]
]

const judgeTaints = ({ name, node }: Reading): Cause[] => {
  const left = node.taints.flatMap((taint) => {
    const [, who] = startupTaints.find(([pattern]) => pattern.test(taint.key)) ?? []
    return who === undefined ? [] : [{ taint, who }]
  })
  const network = leftNetworkTaint(node)
  const all = network === undefined ? left : [...left, { taint: network, who: 'the control plane' }]
  return all.map(({ taint, who }) =>
    causeOf('taint-left', `the taint ${taint.key} is still there: ${who} takes it away`, {
      since: taint.added,
      evidence: [`Node ${name}: ${formatTaint(taint)}`],
      remedy: [
        describeNode(name),
        `# see whether what takes it away runs: ${command('kubectl', 'get', 'pods', '-A', '-o', 'wide')}`
      ]
    })
  )
}

/** The taint of a Node without a network, if its condition says by now that it has one. */
const leftNetworkTaint = (node: NodeSight): NodeSight['taints'][number] | undefined =>
  conditionOf({ node }, 'NetworkUnavailable')?.status === 'False'
    ? node.taints.find(({ key }) => key === 'node.kubernetes.io/network-unavailable')
    : undefined

const judgeServing = ({ servingCsrs }: Reading, now: Date): Cause[] => {
  const [oldest] = servingCsrs
    .filter(({ created }) => now.getTime() - created.getTime() >= patience)
    .sort((one, other) => one.created.getTime() - other.created.getTime())
  if (oldest === undefined) return []
  const age = inWords(now.getTime() - oldest.created.getTime())
  return [
    causeOf('serving-certificate-pending', 'nobody approves the serving certificate of the kubelet', {
      since: oldest.created,
      evidence: [`CSR ${oldest.name}: pending for ${age}`],
      remedy: [
        command('kubectl', 'describe', 'csr', oldest.name),
        command('kubectl', 'certificate', 'approve', oldest.name),
        '# or let the server do it: servingCertificates: approve in /etc/joinery/server.yaml, then joinery-server setup'
      ]
    })
  ]
}

const lacksRuntime =
  /container runtime is down|PLEG is not healthy|RuntimeReady=false|container runtime status check may not have completed|failed to get runtime status/i

/** Causes that the kubelet itself names in the condition Ready of a Node that is not Ready. */
export const judgeWords = (reading: Reading): Cause[] => {
  const { name } = reading
  const ready = conditionOf(reading, 'Ready')
  if (ready === undefined) {
    const remedy = [describeNode(name), onMachine]
    return [causeOf('kubelet-says', 'the kubelet has registered its Node, and reported nothing yet', { remedy })]
  }
  const { since, reason, message } = ready
  const told = { since, evidence: [`Node ${name}: Ready ${ready.status}: ${reason}: ${message}`] }
  const says = causeOf(
    'kubelet-says',
    message === '' ? `the kubelet says: ${reason}` : `the kubelet says: ${message}`,
    {
      ...told,
      remedy: [describeNode(name), onMachine]
    }
  )
  if (lacksRuntime.test(message)) {
    const remedy = [
      '# on the machine, as root: systemctl status containerd',
      '# on the machine, as root: crictl info',
      onMachine
    ]
    return [
      causeOf('runtime-off', 'the kubelet says that the container runtime does not answer', { ...told, remedy }),
      says
    ]
  }
  if (/node is shutting down/i.test(message)) {
    return [causeOf('kubelet-off', 'the machine shuts down', { ...told, remedy: [describeNode(name)] })]
  }
  if (lacksPlugin(message)) {
    const remedy = ['# on the machine: ls -l /etc/cni/net.d /opt/cni/bin', onMachine]
    return [
      causeOf('cni-missing', 'the container runtime finds no configuration of a network plugin', { ...told, remedy }),
      says
    ]
  }
  return [says]
}

/** True if the two networks, in CIDR form, share an address: one of them then holds the first address of the other. */
export const overlap = (one: string, other: string): boolean =>
  isWithin(addressOf(one), [other]) || isWithin(addressOf(other), [one])

const addressOf = (network: string): string => {
  const [address = ''] = network.split('/')
  return isIP(address) === 0 ? '' : address
}

/** Minor versions that a kubelet may be older than its API server (kubernetes.io/releases/version-skew-policy). */
const olderAtMost = 3

/** Says why a kubelet of that version cannot be with that API server. Undefined if it can, or a version is not one. */
const skewOf = (kubelet: string, api: string): string | undefined => {
  const [mine, its] = [minorOf(kubelet), minorOf(api)]
  if (mine === undefined || its === undefined) return undefined
  if (mine > its) return `the kubelet is ${kubelet}, newer than the API server, which is ${api}`
  return its - mine > olderAtMost
    ? `the kubelet is ${kubelet}, more than ${olderAtMost} minor versions older than the API server, which is ${api}`
    : undefined
}

const minorOf = (version: string): number | undefined => {
  const [, minor] = /^v1\.(\d{1,3})\./.exec(version) ?? []
  return minor === undefined ? undefined : Number(minor)
}
