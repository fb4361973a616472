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
  // for tests and the demo: no program is allowed them
  'fake-kubernetes': [],
  'fake-machine': ['agent', 'etcd', 'host', 'protocol'],
  testing: ['agent', 'cli', 'console', 'etcd', 'fake-kubernetes', 'fake-machine', 'host', 'kube', 'protocol', 'server']
}
