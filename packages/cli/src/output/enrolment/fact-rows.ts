import type { Facts } from '@joinery/protocol'

/** The facts that a machine claims of itself, one a line. */
export const factRows = (facts: Facts): [label: string, value: string][] =>
  (
    [
      ['Hostname:', facts.hostname],
      ['Machine ID:', facts.machineId],
      ['Product UUID:', facts.productUuid],
      ['Serial:', facts.serial],
      ['MACs:', facts.macs.join(', ')],
      ['Addresses:', facts.addresses.join(', ')],
      ['OS:', facts.os],
      ['Kernel:', `${facts.kernel} ${facts.arch}`],
      ['CPUs:', `${facts.cpus}`],
      ['Memory:', `${(facts.memory / 2 ** 30).toFixed(1)} GiB`],
      ['kubelet:', facts.kubelet],
      ['kubeadm:', facts.kubeadm],
      ['Runtime:', facts.runtime]
    ] as const
  ).map(([label, value]) => [label, value || '<none>'])
