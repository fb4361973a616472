/** Which packages the source of a package may import. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  tlog: [],
  host: ['protocol'],
  etcd: ['host'],
  kube: ['host', 'protocol'],
  policy: ['host', 'protocol'],
  agent: ['etcd', 'host', 'protocol'],
  server: ['host', 'kube', 'policy', 'protocol', 'tlog'],
  cli: ['etcd', 'host', 'kube', 'policy', 'protocol', 'tlog'],
  // the page of joinery console: of the command it takes the contract
  console: ['cli', 'protocol'],
  // for tests and the demo: no other package is allowed it
  testing: ['agent', 'cli', 'console', 'etcd', 'host', 'kube', 'protocol', 'server']
}

/**
 * The floors of each package, the ground first, and on each floor its rooms: folders of `src`, or files of it. A room is also what
 * lies in its folders, unless a longer name here is another room. A file may import its own room and those on the floors below,
 * never one beside or above it.
 */
export const floors: Readonly<Record<string, readonly (readonly string[])[]>> = {
  protocol: [
    ['words', 'machine', 'audit', 'given.ts', 'promises.ts'],
    ['enrolment.ts', 'trust'],
    ['state-questions.ts', 'conflict-remedy.ts'],
    ['api'],
    ['door'],
    ['browser.ts', 'index.ts', 'seal.ts']
  ],
  tlog: [['.']],
  host: [['text'], ['.']],
  etcd: [['.']],
  kube: [['.'], ['door'], ['log'], ['manifests'], ['doctor']],
  policy: [['words'], ['cel'], ['document'], ['ruling'], ['index.ts']],
  agent: [
    ['program', 'code', 'machine/cri'],
    ['machine/host'],
    ['keys', 'machine/network'],
    ['journal', 'machine/preflight', 'pairing'],
    ['machine/port'],
    ['machine/kubeadm', 'machine/mend', 'plan', 'enrol'],
    ['machine/control-plane', 'machine/way-back', 'machine/why', 'status', 'prefetch'],
    ['machine', 'steps'],
    ['loop', 'preflight', 'why', 'machine/rehearsal'],
    ['way-back'],
    ['commands'],
    ['main.ts'],
    // what the tests of others may use
    ['testing']
  ],
  server: [
    ['base'],
    ['cluster', 'store', 'keys', 'door', 'rates'],
    ['config', 'dial-back', 'enrolment/facts', 'log'],
    ['leadership'],
    // the pure wing
    ['enrolment/unique'],
    ['enrolment/decision'],
    ['enrolment/recovery'],
    ['enrolment/csr', 'enrolment/node'],
    ['enrolment/name', 'enrolment/service', 'enrolment/serving', 'enrolment/verbs'],
    ['enrolment', 'enrolment/ask', 'enrolment/code', 'enrolment/outsider', 'why'],
    ['enrolment/prefetch'],
    // who writes
    ['commit', 'retention'],
    ['joins'],
    ['credentials'],
    ['generation'],
    ['reconcile', 'witness'],
    // who asks
    ['services', 'status'],
    ['audit', 'notices', 'trust'],
    ['http', 'kubernetes-door', 'metrics', 'policy'],
    // what stands behind the ports: only the program chooses it
    ['cluster/kubernetes', 'store/sqlite'],
    ['cluster/rehearsal', 'backup', 'init', 'moving', 'rotation', 'setup'],
    ['program'],
    ['commands'],
    ['main.ts'],
    // what the tests of others may use
    ['testing']
  ],
  cli: [
    ['terminal'],
    ['operator-client.ts', 'template'],
    ['console/contract.ts'],
    ['kubernetes'],
    ['session', 'node', 'join-command'],
    ['output', 'grant', 'completion'],
    ['code', 'consent'],
    ['audit', 'bundle', 'cluster', 'control-plane', 'release', 'selection'],
    ['wait'],
    ['console'],
    ['waves'],
    ['commands'],
    ['program'],
    ['main.ts'],
    ['testing']
  ],
  console: [['contract.ts'], ['client.ts'], ['ui/model'], ['ui/state'], ['ui']],
  testing: [
    ['clocks'],
    ['chance', 'cluster', 'documents', 'doors', 'etcd', 'judges', 'processes', 'remedies', 'texts'],
    ['command', 'front', 'pairing', 'requests'],
    ['console'],
    ['agents']
  ]
}

/** How many files a folder of `src` may hold, and those that hold more, with the reason. */
export const filesInFolder = {
  most: 16,
  exceptions: { 'packages/server/src/testing': 'a face for each room' } as Readonly<Record<string, string>>
}
