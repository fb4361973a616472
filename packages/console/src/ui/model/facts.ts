import type { SeenEnrolment } from '../../contract.ts'

type Facts = SeenEnrolment['facts']

const gibibytes = (bytes: number | undefined): string => (bytes ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : '')

/** Facts in words, one a row. A fact that the machine does not state is left out: it is absent, empty or zero. */
export const factTexts = (facts: Facts): [label: string, value: string][] => {
  const rows: [string, string | undefined][] = [
    ['Hostname', facts.hostname],
    ['Machine ID', facts.machineId],
    ['Product UUID', facts.productUuid],
    ['Serial', facts.serial],
    ['MACs', facts.macs?.join(', ')],
    ['Addresses', facts.addresses?.join(', ')],
    ['OS', facts.os],
    ['Kernel', facts.kernel],
    ['Architecture', facts.arch],
    ['CPUs', facts.cpus ? `${facts.cpus}` : undefined],
    ['Memory', gibibytes(facts.memory)],
    ['kubelet', facts.kubelet],
    ['kubeadm', facts.kubeadm],
    ['Runtime', facts.runtime]
  ]
  return rows.flatMap(([label, value]): [string, string][] => (value ? [[label, value]] : []))
}

/** The size of a machine and its system in a few words, for a list. */
export const hardwareWords = ({ cpus, memory, os, kubelet }: Facts): string =>
  [cpus ? `${cpus} CPU` : '', gibibytes(memory), kubelet, os?.replace(/ \(.*\)$/, '')].filter(Boolean).join(', ')

/** Facts of several claimants side by side: the label, a value of each, and whether they differ. */
export const sideBySide = (all: readonly Facts[]): { label: string; values: string[]; differs: boolean }[] => {
  const told = all.map((facts) => new Map(factTexts(facts)))
  const labels = [...new Set(told.flatMap((one) => [...one.keys()]))]
  return labels.map((label) => {
    const values = told.map((one) => one.get(label) ?? '')
    return { label, values, differs: new Set(values).size > 1 }
  })
}
