import type { Facts } from '@joinery/protocol'

/** The facts that a machine claims of itself, one a line. A fact that the look does not have is left out. */
export const factRows = (facts: Partial<Facts>): [label: string, value: string][] => {
  const rows: [label: string, value: string | undefined][] = [
    ['Hostname:', facts.hostname],
    ['Machine ID:', facts.machineId],
    ['Product UUID:', facts.productUuid],
    ['Serial:', facts.serial],
    ['MACs:', facts.macs?.join(', ')],
    ['Addresses:', facts.addresses?.join(', ')],
    ['OS:', facts.os],
    // a view has the processor without the kernel
    facts.kernel === undefined ? ['Processor:', facts.arch] : ['Kernel:', `${facts.kernel} ${facts.arch}`],
    ['CPUs:', facts.cpus?.toString()],
    ['Memory:', facts.memory === undefined ? undefined : `${(facts.memory / 2 ** 30).toFixed(1)} GiB`],
    ['kubelet:', facts.kubelet],
    ['kubeadm:', facts.kubeadm],
    ['Runtime:', facts.runtime]
  ]
  return rows.flatMap(([label, value]): [string, string][] => (value === undefined ? [] : [[label, value || '<none>']]))
}
